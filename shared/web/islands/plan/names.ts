/** Names and colours of the people of a plan, by pseudonym: the document itself holds no names. */
export type Person = { person: string; name: string; hue: number; team: boolean };

const NOBODY: Person = { person: "", name: "…", hue: 1, team: false };

export class People {
  private known = new Map<string, Person>();
  private readonly missed = new Set<string>();

  /** `endpoint` answers `{"people": [Person]}`; `changed` is called when names have come. */
  constructor(
    private readonly endpoint: string,
    private readonly changed: () => void,
  ) {}

  async fetch(): Promise<void> {
    try {
      const answer = await fetch(this.endpoint, { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      const { people } = (await answer.json()) as { people: Person[] };
      this.known = new Map(people.map((each) => [each.person, each]));
      this.changed();
    } catch {
      return; // no network: whoever is here is named all the same, as soon as it is back
    }
  }

  /** Somebody whom others have named meanwhile is asked for once. */
  of(person: string): Person {
    const found = this.known.get(person);
    if (!found && person && !this.missed.has(person)) {
      this.missed.add(person);
      void this.fetch();
    }
    return found ?? NOBODY;
  }

  name(person: string): string {
    return this.of(person).name;
  }

  team(): Person[] {
    return [...this.known.values()].filter((each) => each.team);
  }

  /** What the page knows already, from those who are here. */
  meet(person: string, name: string, hue: number): void {
    if (person && !this.known.has(person)) this.known.set(person, { person, name, hue, team: false });
  }
}
