// A reference picture: "make it look like this". Dropped, pasted into the field or picked; it goes up at once.
import { api } from "../api.js";
import { el, icon } from "../dom.js";

export function referencePart(choose) {
  const input = el("input.unseen", {
    type: "file",
    accept: "image/*",
    id: "reference",
    tabindex: "-1",
    "aria-label": "Choose a reference picture",
    onchange: () => {
      take(input.files[0]);
      input.value = "";
    },
  });
  const trouble = el("p.trouble", { role: "alert" });
  const room = el("div.reference", { dataset: { drops: "reference" } });
  room.ondragover = (event) => {
    event.preventDefault();
    room.classList.add("over");
  };
  room.ondragleave = () => room.classList.remove("over");
  room.ondrop = (event) => {
    event.preventDefault();
    room.classList.remove("over");
    take(event.dataTransfer.files[0]);
  };
  const node = el(
    "fieldset.block",
    el("legend.label", "Reference picture", el("small", "optional")),
    room,
    input,
    trouble,
  );
  let busy = false;
  let shown;

  async function take(file) {
    if (!file) return;
    busy = true;
    trouble.textContent = "";
    draw(null);
    try {
      const { key, picture } = await api.reference(file);
      choose({ key, name: file.name, thumbnail: picture.thumbnails["480"] });
    } catch (error) {
      trouble.textContent = `${file.name}: ${error.message}`;
    }
    busy = false;
    draw(shown);
  }

  function draw(reference) {
    if (busy) return room.replaceChildren(el("span.spinner"), el("span.quiet", "Uploading"));
    if (!reference) {
      return room.replaceChildren(
        el(
          "button.reference-pick",
          { type: "button", onclick: () => input.click() },
          icon("picture"),
          el("span", "Drop a picture whose look to follow, or ", el("u", "choose one")),
        ),
      );
    }
    return room.replaceChildren(
      el("img", { src: reference.thumbnail, alt: "", onerror: (event) => event.target.remove() }),
      el("span.reference-name", reference.name),
      el(
        "button.tool",
        { type: "button", "aria-label": "Remove the reference picture", onclick: () => choose(null) },
        icon("close"),
      ),
    );
  }

  return {
    node,
    update(reference) {
      if (reference?.key === shown?.key && room.childElementCount) return;
      shown = reference;
      draw(reference);
    },
  };
}
