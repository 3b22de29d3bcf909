/** Every text on the screen, one table a language. */

import { en } from "./en";
import { nl } from "./nl";

export type Key = keyof typeof en;
export type Words = Record<Key, string>;
export type Language = "nl" | "en";

export const LANGUAGES: Record<Language, Words> = { nl, en };
export const LANGUAGE_NAMES: Record<Language, string> = { nl: "Nederlands", en: "English" };

/** The text for a key, with `{names}` filled in. */
export function say(words: Words, key: Key, values: Record<string, string | number> = {}): string {
  return words[key].replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** Whether a key exists: for words the server sent, which may be newer than this console. */
export const knows = (key: string): key is Key => key in en;

/** The language of this browser, as far as there is a table for it. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const each of wanted) {
    const short = each.slice(0, 2).toLowerCase();
    if (short in LANGUAGES) return short as Language;
  }
  return "en";
}
