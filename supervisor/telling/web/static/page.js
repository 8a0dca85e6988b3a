// A page that no longer hears from the daemon must not look live.
"use strict";
document.addEventListener("htmx:sseOpen", () => document.body.classList.remove("is-lost"));
document.addEventListener("htmx:sseError", () => document.body.classList.add("is-lost"));
