// Shows what payload.py made, and tells Python what was turned or pressed. No text is made here, and no number but
// the readout of a dial. Numbers that belong to other settings are marked at once, before Python hears of it.

let count = 0;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

function beside(number, unit, language) {  // Korean writes its units, and the per cent sign, without a space
  const joined = /^[가-힣]/.test(unit) || (language === "ko" && unit.startsWith("%"));
  return unit ? `${number}${joined ? "" : " "}${unit}` : number;
}

function readout(dial, shown, language) {
  const text = beside(Number(shown).toFixed(dial.places), dial.unit, language);
  if (dial.money === null) return text;
  const money = ((dial.money * shown) / 100).toLocaleString("en", { maximumFractionDigits: 0 });
  return `${text} · ${beside(money, dial.currency, language)}`;
}

function same(one, other) {
  if (!one || !other) return false;
  return (
    Object.keys(one.dials).every((name) => Math.abs(one.dials[name] - other.dials[name]) < 1e-9) &&
    Object.keys(one.rules).every((name) => one.rules[name] === other.rules[name])
  );
}

function render({ model, el }) {
  const { dials, rules, words, views, title, language } = model.get("controls");
  const id = `vc-explore-${(count += 1)}`;
  const inputs = { dials: {}, rules: {} };
  const outputs = {};

  function turned() {
    const values = { dials: {}, rules: {} };
    for (const name in inputs.dials) values.dials[name] = Number(inputs.dials[name].value);
    for (const name in inputs.rules) values.rules[name] = inputs.rules[name].checked;
    model.set("values", values);
    model.save_changes();
    showValues();
    showState();
  }

  function showValues() {
    const values = model.get("values");
    for (const dial of dials) {
      const shown = values.dials[dial.name];
      const input = inputs.dials[dial.name];
      if (Number(input.value) !== shown) input.value = shown;
      const text = readout(dial, shown, language);
      outputs[dial.name].textContent = text;
      input.setAttribute("aria-valuetext", text);
      input.style.setProperty("--filled", `${(100 * (shown - dial.low)) / (dial.high - dial.low)}%`);
      input.closest(".vc-dial").classList.toggle("vc-turned", Math.abs(shown - dial.start) > 1e-9);
    }
    for (const name in inputs.rules) inputs.rules[name].checked = values.rules[name];
  }

  const sliders = dials.map((dial, number) => {
    const own = `${id}-dial-${number}`;
    const input = element("input", {
      id: own, type: "range", min: dial.low, max: dial.high, step: dial.step, name: dial.name,
      "aria-describedby": `${own}-hint`, oninput: turned,
    });
    inputs.dials[dial.name] = input;
    outputs[dial.name] = element("output", { for: own });
    const start = `${words.start}: ${beside(dial.start.toFixed(dial.places), dial.unit, language)}`;
    return element(
      "div", { class: "vc-dial" },
      element("div", { class: "vc-line" }, element("label", { for: own }, dial.label), outputs[dial.name]),
      input,
      element("div", { class: "vc-hint", id: `${own}-hint` }, `${dial.hint} (${start})`),
    );
  });

  const switches = rules.map((rule, number) => {
    const own = `${id}-rule-${number}`;
    const input = element("input", { id: own, type: "checkbox", role: "switch", onchange: turned });
    input.name = rule.name;
    inputs.rules[rule.name] = input;
    const note = rule.note && element("div", { class: "vc-hint", id: `${own}-note` }, rule.note);
    if (note) input.setAttribute("aria-describedby", `${own}-note`);
    return element("div", { class: "vc-rule" }, input, element("div", {}, element("label", { for: own }, rule.label), note || ""));
  });

  const press = (what) => element("button", { type: "button", "data-do": what, onclick: () => model.send({ do: what }) }, words[what]);
  const buttons = Object.fromEntries(["pin", "reset", "workbook", "run", "case"].map((what) => [what, press(what)]));

  const status = element("div", { class: "vc-status", role: "status", "aria-live": "polite" });
  const bar = element("progress", { max: 1, "aria-label": words.planning });
  const failure = element("div", { class: "vc-failure", role: "alert" });
  const stale = element("span", { class: "vc-stale-mark" }, words.stale);
  const body = element("tbody");
  const numbers = element(
    "table", { class: "vc-numbers" },
    element("caption", {}, words.numbers, stale),
    element("thead", {}, element("tr", {}, ...["figure", "value", "change"].map((name) => element("th", { scope: "col" }, words[name])))),
    body,
  );
  const notes = element("ul", { class: "vc-notes" });
  const code = element("pre", { tabindex: 0 });
  const copy = element("button", { type: "button", onclick: async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      copy.textContent = words.copied;
    } catch {  // a page that is not served safely has no clipboard; what is selected can be copied by hand
      getSelection().selectAllChildren(code);
    }
    setTimeout(() => { copy.textContent = words.copy; }, 2000);
  } }, words.copy);
  const said = element("div", { class: "vc-said", role: "status", "aria-live": "polite" });

  const choices = views.map((view, number) => {
    const own = `${id}-view-${number}`;
    const input = element("input", { id: own, type: "radio", name: `${id}-view`, value: view.name, onchange: () => {
      model.set("view", view.name);
      model.save_changes();
    } });
    return [input, element("label", { for: own }, view.label)];
  });
  const showView = () => choices.forEach(([input]) => { input.checked = input.value === model.get("view"); });

  let began = 0;
  function animate() {
    const state = model.get("state");
    if (!state.busy || !el.isConnected) return;
    if (state.expected) bar.value = Math.min((performance.now() - began) / 1000 / state.expected, 0.97);
    else bar.removeAttribute("value");
    requestAnimationFrame(animate);
  }

  function showState() {
    const state = model.get("state");
    const current = same(model.get("values"), state.for);
    root.classList.toggle("vc-stale", !current);
    root.classList.toggle("vc-first", current && state.first);
    root.classList.toggle("vc-failed", Boolean(state.failure));
    stale.hidden = current || state.rows.length === 0;
    numbers.hidden = state.rows.length === 0;
    body.replaceChildren(...state.rows.map((row) => element(
      "tr", { "data-name": row.name },
      element("th", { scope: "row" }, row.label),
      element("td", {}, row.value),
      element("td", { class: "vc-change" }, row.change),
    )));
    notes.replaceChildren(...state.notes.map((note) => element("li", {}, note)));
    if (status.textContent !== state.status) status.textContent = state.status;
    failure.hidden = !state.failure;
    failure.replaceChildren(...(state.failure
      ? [element("strong", {}, state.failure.problem), ...state.failure.lines.map((line) => element("div", {}, line))]
      : []));
    code.textContent = state.code;
    for (const what of ["pin", "workbook", "run", "case"]) buttons[what].disabled = !(state.settled && current);
    if (state.busy && bar.hidden) {
      began = performance.now();
      requestAnimationFrame(animate);
    }
    bar.hidden = !state.busy;
  }

  const root = element(
    "div", { class: "vc-explore", lang: language, role: "group", "aria-label": `${words.heading}: ${title}` },
    element("div", { class: "vc-title" }, words.heading, element("span", {}, title)),
    element(
      "div", { class: "vc-columns" },
      element(
        "div", { class: "vc-settings" },
        element("fieldset", {}, element("legend", {}, words.settings), ...sliders),
        element("fieldset", {}, element("legend", {}, words.rules), ...(switches.length ? switches : [words.no_rules])),
      ),
      element(
        "div", { class: "vc-results" },
        element("div", { class: "vc-going-on" }, status, bar),
        failure, numbers, notes,
        element("div", { class: "vc-buttons" }, buttons.pin, buttons.reset),
        element("div", { class: "vc-buttons" }, buttons.workbook, buttons.run, buttons.case),
        said,
        element("details", {}, element("summary", {}, words.code), element("div", { class: "vc-code" }, code, copy)),
      ),
    ),
    element("fieldset", { class: "vc-views" }, element("legend", {}, words.picture), ...choices.flat()),
  );
  // plain keys belong to dials and buttons: JupyterLab would take arrows and letters for commands to its cells
  root.addEventListener("keydown", (event) => { if (!event.ctrlKey && !event.metaKey) event.stopPropagation(); });
  el.replaceChildren(root);
  const showSaid = () => { said.textContent = model.get("said"); };
  const follow = () => { showValues(); showState(); };
  model.on("change:values", follow);
  model.on("change:state", showState);
  model.on("change:view", showView);
  model.on("change:said", showSaid);
  follow();
  showView();
  showSaid();
  bar.hidden = true;
  showState();
  return () => {
    model.off("change:values", follow);
    model.off("change:state", showState);
    model.off("change:view", showView);
    model.off("change:said", showSaid);
  };
}

export default { render };
