/**
 * The entry: starts what a page needs. Pages that nobody is signed in to have no socket.
 *
 * Everything listens on the document, so nothing has to be wired again when htmx changes <main>.
 */
import "htmx.org";

import * as board from "./board.js";
import * as calendar from "./calendar.js";
import * as colours from "./colours.js";
import * as desk from "./desk.js";
import * as desktop from "./desktop.js";
import * as kanban from "./kanban.js";
import * as imports from "./imports.js";
import * as keeping from "./keeping.js";
import * as keys from "./keys.js";
import * as ladder from "./ladder.js";
import * as letters from "./letters.js";
import * as links from "./links.js";
import * as lists from "./lists.js";
import * as menus from "./menus.js";
import * as narrowing from "./narrowing.js";
import * as navigation from "./navigation.js";
import * as notes from "./notes.js";
import * as notices from "./notices.js";
import * as ordering from "./ordering.js";
import * as phone from "./phone.js";
import * as picker from "./picker.js";
import * as places from "./places.js";
import * as points from "./points.js";
import * as pops from "./pops.js";
import * as search from "./search.js";
import * as seats from "./seats.js";
import * as socket from "./socket.js";
import * as state from "./state.js";
import * as takers from "./takers.js";
import * as timers from "./timers.js";

timers.start();
menus.start();
narrowing.start();
points.start();
takers.start();
colours.start();

if (document.body.dataset.live) {
  navigation.start();
  notes.start();
  notices.start();
  phone.start();
  pops.start();
  state.start();
  board.start();
  desk.start();
  keeping.start();
  desktop.start();
  kanban.start();
  calendar.start();
  ordering.start();
  imports.start();
  ladder.start();
  letters.start();
  links.start();
  lists.start();
  picker.start();
  places.start();
  search.start();
  seats.start();
  keys.start();
  socket.start(document.body.dataset.live);
}
