// The tracker of a web page, served as /e.js: page views, outbound and download clicks, engaged time,
// and what the page reports by engaged(type, fields). How to use it: README.md, "On a web page".
//
// It sets no cookie, stores nothing unless asked (data-visitor, optIn, optOut), and no error of its own
// reaches the page. web/build makes e.min.js of it, which must stay below 1,000 bytes gzip'd: hence
// few ideas, each used often, and nothing that the server can do.
try {
  const { src, dataset: {
      // Events go to where the script came from, unless data-to names another place. (A browser drops
      // what it has cached of an address that it posts to: RFC 9111, 4.4. Hence not quite there.)
      to = src + "?",
      // data-visitor: the site has her consent to an id.
      visitor,
      // Every other data- attribute is a field of each event: data-customer, data-campaign, …
      ...base
    } } = document.currentScript,
    before = self.engaged,

    // Global Privacy Control and Do Not Track: nothing is sent but her own answers.
    refuses = navigator.globalPrivacyControl || navigator.doNotTrack == 1,

    // An id need only differ from all others, which a hundred bits do. (crypto.randomUUID isn't there on
    // pages without https.)
    random = () => "" + Math.random() + Math.random(),

    /** An address as it is told: without its fragment, and no longer than a field may be. */
    address = url => url.split("#")[0].slice(0, 2e3),

    // Delivery: an event leaves the page's memory for good when the server has it on disk.

    /** Sends these after so many milliseconds. Of an outage the newest fifty events are kept. */
    add = (events, delay) => {
      queue = [...queue, ...events].slice(-50);
      timer ||= setTimeout(send, delay);
    },

    /** A text body needs no preflight. What fails goes out again, with the ids it has, among what came
        since by its time, with which each begins. */
    send = () => {
      const events = queue, body = `[${events}]`,
        again = () => add([...queue, ...events].sort(), 3e4, queue = []);
      timer = 0;
      queue = [];
      // keepalive: goes on when the page has gone, if it is within the 64 KiB that browsers allow.
      try {
        if (body[2]) fetch(to, { method: "POST", keepalive: !body[2e4], body })
          .then(answer => answer.status < 500 || again(), again);
      } catch {}
    },

    /** An event of this page. Its id and time are made once. A browser that says that a program
        drives it is marked as a machine by the server. (What is undefined isn't sent.) */
    put = (type, fields) => isOff || add([JSON.stringify(
      { time: new Date, ...base, type, id: random(), webdriver: navigator.webdriver || void 0,
        url: here || address(location.href), ...fields })]),

    // Every sign of life comes here, and every chance to see a new address. (visibilitychange comes
    // before every leave, and unlike pagehide also on phones.)
    look = event => {
      const referrer = here || document.referrer, url = address(location.href), now = new Date,
        // Engaged time: the page was shown, and half a minute at most after a sign of life.
        seconds = (active += isShown && Math.min(now - last, 3e4)) / 1e3 | 0;
      last = now;
      isShown = !document.hidden;
      if (!isShown || url != here || event?.persisted) {
        if (seconds) put("custom", { name: "engaged", seconds });
        active = 0;
        // A page counts when it is shown (one that is prerendered, not before), at each new address
        // and when it comes back from the back/forward cache.
        if (isShown) {
          here = url;
          put("page_view", { referrer });
        } else send();
      }
      // Pressed with the first or the middle button; other events have none of them.
      const link = event?.button in [0, 1] && event.target.closest?.("a");
      if (link?.host && (link.host != location.host || link.matches("[download]")
        || /\.(?!php|htm)\w{2,4}$/.test(link.pathname)))
        put("click", { target: address(link.href) });
    },

    engaged = (type, fields) => {
      try {
        const no = type == "optOut";
        if (no || type == "optIn") {
          if (!no) base.visitor ||= random();
          // Her answer goes out whatever her browser says. Without a name it is about nobody.
          isOff = 0;
          if (base.visitor || base.customer)
            put(no ? "permission_withdrawn" : "permission_granted", { purpose: "tracking" });
          isOff = no || refuses;
          localStorage.engaged = no ? 0 : base.visitor;
        // An identified customer goes with all that follows, and is linked with the visitor, if any.
        } else if (type != "identify" || Object.assign(base, fields).visitor) put(type, fields);
      } catch {}
    };

  let here, active = 0, isShown = 0, queue = [], last, isOff = refuses, timer;

  // Loaded twice, it reports once: it takes two arguments, what it replaces none.
  if (!before?.length) {
    try {
      const stored = localStorage.engaged;
      isOff ||= stored == "0";
      if (!isOff && (stored || visitor != null))
        localStorage.engaged = base.visitor = stored || random();
    } catch {}
    self.engaged = engaged;
    // What the page called before this was loaded.
    before?.q?.map(given => engaged(...given));
    look();
    ["click", "pageshow", "popstate", "pointermove", "scroll", "auxclick", "visibilitychange", "keydown"]
      .map(name => addEventListener(name, look, true));
    ["pushState", "replaceState"].map(name => {
      const original = history[name];
      history[name] = (...given) => look(original.apply(history, given));
    });
  }
} catch {}
