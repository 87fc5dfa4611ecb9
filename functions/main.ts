// The entry point in package.json: each import registers one function.
import "./metrics-http.ts";
import "./pause-http.ts";
import "./reconcile-timer.ts";
import "./resync-http.ts";
import "./scale-set-event.ts";
import "./scrape-endpoints-timer.ts";
import "./status-http.ts";
