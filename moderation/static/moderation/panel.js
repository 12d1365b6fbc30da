/* Keys for the moderation panel. Everything works without this file, only slower. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const decide = document.getElementById("decide");
    const rows = [...document.querySelectorAll("[data-row]")];

    const typing = (element) =>
        element.matches("textarea, select, [type=search], [type=text], [type=password]");

    function lookAt(scope) {
        const switches = [...scope.querySelectorAll(".veil-switch")];
        const look = switches.some((one) => !one.checked);
        switches.forEach((one) => { one.checked = look; });
    }

    function step(by) {
        const here = rows.findIndex((row) => row.contains(document.activeElement));
        const next = rows[Math.min(Math.max(here + by, 0), rows.length - 1)];
        next.querySelector("[data-open]").focus();
        next.scrollIntoView({ block: "nearest" });
    }

    function press(key) {
        if (key === "v") {
            const row = rows.find((one) => one.contains(document.activeElement));
            if (row || !rows.length) lookAt(row || document);
            return true;
        }
        if (rows.length && (key === "j" || key === "k")) {
            step(key === "j" ? 1 : -1);
            return true;
        }
        const target = [...document.querySelectorAll("[data-key]")].find(
            (one) => !one.hidden && one.dataset.key.split(" ").includes(key));
        if (!target) return false;
        if (target.matches("textarea")) target.focus();
        else target.click();
        return true;
    }

    document.addEventListener("keydown", (event) => {
        if (decide && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            decide.requestSubmit(decide.querySelector("[value=next]"));
            return;
        }
        if (typing(event.target)) {
            if (event.key === "Escape") event.target.blur();
            return;
        }
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (press(event.key)) event.preventDefault();
    });

    if (!decide) return;
    const common = decide.querySelector(".common");
    const reason = decide.querySelector("#id_reason");

    function offer() {
        const action = decide.querySelector("[name=action]:checked");
        common.hidden = !action;
        common.querySelectorAll("button").forEach((button) => {
            button.hidden = !action || button.dataset.for !== action.value;
        });
    }

    decide.addEventListener("change", offer);
    common.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button) reason.value = button.querySelector("span").textContent;
    });
    decide.addEventListener("submit", () => {
        /* After the browser has read which button it was: a second press decides nothing. */
        setTimeout(() => decide.querySelectorAll("button").forEach((one) => { one.disabled = true; }));
    });
    offer();
});
