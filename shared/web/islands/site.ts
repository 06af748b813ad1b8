/** What every page does besides being a page; without it everything still works. */
import { announceNotices } from "./page/announce";
import { submitChoices } from "./page/autosubmit";
import { askFirst } from "./page/confirm";
import { startFragments } from "./page/fragments";
import { keepForms } from "./page/keep";

startFragments();
askFirst();
submitChoices();
announceNotices();
keepForms();
