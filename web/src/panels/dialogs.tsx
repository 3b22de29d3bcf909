/** Settings, the keys, and who is on watch. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { nameGiven, nameRefused } from "../actions";
import { SHORTCUTS } from "../keys";
import { play, unlock } from "../sound";
import { dialog, language, prefer, preferences, status, t, theme } from "../state";
import { THEMES } from "../theme";
import { LANGUAGE_NAMES, type Language } from "../words";
import { Observe } from "./observe";
import { IconButton } from "./parts";
import { Keeping } from "./retention";

export function Dialogs() {
  switch (dialog.value) {
    case "help":
      return <Help />;
    case "settings":
      return <Settings />;
    case "name":
      return <Name />;
    case "observe":
      return (
        <Frame title={t("observe")}>
          <Observe
            onDone={() => {
              dialog.value = null;
            }}
          />
        </Frame>
      );
    case "retention":
      return (
        <Frame title={t("retention")}>
          <Keeping />
        </Frame>
      );
    default:
      return null;
  }
}

function Frame({ title, children, onClose }: { title: string; children: ComponentChildren; onClose?: () => void }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const close = () => {
    onClose?.();
    dialog.value = null;
  };
  return (
    <dialog
      ref={element}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <div class="dialog-head">
        <h2 id="dialog-title">{title}</h2>
        <IconButton icon="close" label={t("close")} keys="Esc" onClick={close} />
      </div>
      {children}
    </dialog>
  );
}

function Help() {
  const rows = SHORTCUTS.filter((each) => !each.playback || status.value?.playback);
  const texts = [...new Set(rows.map((each) => each.says))];
  return (
    <Frame title={t("helpOpen")}>
      <dl class="keys">
        {texts.map((text) => (
          <div key={text}>
            <dt>
              {rows
                .filter((each) => each.says === text)
                .map((each) => (
                  <kbd key={each.shown}>{each.shown}</kbd>
                ))}
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>{t("keyEscape")}</dd>
        </div>
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>{t("keyHelp")}</dd>
        </div>
      </dl>
      <SingleKeys />
    </Frame>
  );
}

const SingleKeys = () => (
  <label class="check">
    <input
      type="checkbox"
      checked={preferences.value.singleKeys}
      onChange={(event) => prefer({ singleKeys: event.currentTarget.checked })}
    />
    {t("singleKeys")}
  </label>
);

function Settings() {
  return (
    <Frame title={t("settings")}>
      <Choice name="language" title={t("language")}>
        {(Object.keys(LANGUAGE_NAMES) as Language[]).map((each) => (
          <Radio
            key={each}
            name="language"
            checked={language.value === each}
            text={LANGUAGE_NAMES[each]}
            lang={each}
            onChoose={() => prefer({ language: each })}
          />
        ))}
      </Choice>
      <Choice name="theme" title={t("theme")}>
        {THEMES.map((each) => (
          <Radio
            key={each}
            name="theme"
            checked={theme.value === each}
            text={t(each)}
            onChoose={() => prefer({ theme: each })}
          />
        ))}
      </Choice>
      <Choice name="sound" title={t("sound")}>
        <label class="check">
          <input
            type="checkbox"
            checked={preferences.value.sound}
            onChange={(event) => prefer({ sound: event.currentTarget.checked })}
          />
          {t("sound")}
        </label>
        <button
          type="button"
          onClick={() => {
            unlock();
            window.setTimeout(() => play("critical"), 60);
          }}
        >
          {t("soundTest")}
        </button>
      </Choice>
      <SingleKeys />
      <p class="on-watch">
        {t("onWatch", { name: preferences.value.name || "–" })}
        <button
          type="button"
          onClick={() => {
            dialog.value = "name";
          }}
        >
          {t("changeName")}
        </button>
      </p>
    </Frame>
  );
}

const Choice = ({ name, title, children }: { name: string; title: string; children: ComponentChildren }) => (
  <fieldset class="choice" data-choice={name}>
    <legend>{title}</legend>
    {children}
  </fieldset>
);

const Radio = ({
  name,
  checked,
  text,
  lang,
  onChoose,
}: {
  name: string;
  checked: boolean;
  text: string;
  lang?: string;
  onChoose: () => void;
}) => (
  <label class="check" {...(lang ? { lang } : {})}>
    <input type="radio" name={name} checked={checked} onChange={onChoose} />
    {text}
  </label>
);

function Name() {
  const [name, setName] = useState(preferences.value.name);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <Frame title={t("whoAreYou")} onClose={nameRefused}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!name.trim()) return;
          prefer({ name: name.trim() });
          dialog.value = null;
          nameGiven();
        }}
      >
        <p class="muted">{t("whoAreYouDetail")}</p>
        <label class="field">
          {t("yourName")}
          <input
            ref={field}
            value={name}
            maxLength={80}
            required
            autocomplete="nickname"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <div class="moves">
          <button type="submit" class="primary">
            OK
          </button>
        </div>
      </form>
    </Frame>
  );
}
