/** What every page does besides being a page; without it everything still works. */
import { announceNotices } from "./page/announce";
import { submitChoices } from "./page/autosubmit";
import { askFirst } from "./page/confirm";
import { startFragments } from "./page/fragments";
import { keepForms } from "./page/keep";
import { turnSteps } from "./page/steps";
import { forgetDocuments } from "./sync/signout";

startFragments();
askFirst();
submitChoices();
announceNotices();
forgetDocuments(); // before the forms: who decides to stay forgets nothing
keepForms();
turnSteps();
