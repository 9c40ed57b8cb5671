// Runs before the page's program: what keeps that from starting is put right here, or said on the page.
(function () {
  "use strict";

  // The chart library makes its numbers for the browser's language while it loads, and a language such as "C" throws.
  try {
    new Intl.NumberFormat(navigator.language);
  } catch (_) {
    Object.defineProperty(navigator, "language", { configurable: true, value: "en" });
    Object.defineProperty(navigator, "languages", { configurable: true, value: ["en"] });
  }

  var said = false;

  /** Says why there is nothing, unless the program has started; it says so itself. */
  function say(why) {
    var page = document.getElementById("page");
    if (page === null || said || "started" in document.documentElement.dataset) return;
    said = true;
    page.textContent = "";
    var box = document.createElement("div");
    box.className = "start-failure";
    box.setAttribute("role", "alert");
    [
      ["h1", "The page could not start"],
      ["p", why],
      ["p", "What is recorded is not touched by this, nor is the training. In a terminal, spyhole tail tells of the run as well."],
      ["p", "Load the page again. If that does not help, try another browser: Chrome or Edge from 123, Firefox from 121 or Safari from 17.5."],
      ["pre", "Browser: " + navigator.userAgent],
    ].forEach(function (part) {
      var element = document.createElement(part[0]);
      element.textContent = part[1];
      box.appendChild(element);
    });
    page.appendChild(box);
  }

  addEventListener(
    "error",
    function (event) {
      var element = event.target;
      if (element instanceof HTMLScriptElement) say("Its program could not be loaded: " + (element.src || "a script in the file") + ".");
      else if (event.message) say("Its program failed: " + event.message + (event.filename ? " (" + event.filename.split("/").pop() + ":" + event.lineno + ")" : "") + ".");
    },
    true,
  );
  addEventListener("unhandledrejection", function (event) {
    say("Its program failed: " + event.reason + ".");
  });
  // Everything was loaded and nothing failed, but nothing was drawn: it did not run.
  addEventListener("load", function () {
    setTimeout(function () {
      say("Its program did not run: this browser is too old for it, or an extension holds it back.");
    }, 2000);
  });
})();
