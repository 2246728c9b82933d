/** Letters that make text be read in another order than it has, as Unicode's bidirectional algorithm is steered. */
const TURNERS = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

/** Shows them by their number, as `⟨U+202E⟩`: a name must not look like another one. Pure. */
export function unturned(text: string): string {
  return text.replace(TURNERS, (letter) => `⟨U+${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
}
