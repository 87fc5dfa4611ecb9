import { type Html, html } from "../html.ts";

/** Renders a table with a heading for each column. */
export function table(name: string, columns: readonly string[], rows: readonly Html[]): Html {
  return html`<table class="${name}">
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col">${column}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
