//! Text in CSV that spreadsheets will open: a cell must not become a formula.

use std::borrow::Cow;

/// What a spreadsheet takes for the beginning of a formula, and the apostrophe itself, so that [`original`] undoes
/// exactly what [`inert`] did.
fn begins_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// Text as a cell: with an apostrophe in front where a spreadsheet would take it for a formula.
pub(crate) fn inert(text: &str) -> Cow<'_, str> {
    if begins_formula(text) { format!("'{text}").into() } else { text.into() }
}

/// The text of a cell that [`inert`] wrote.
pub(crate) fn original(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| begins_formula(text)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_text_comes_back() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "''@x", "＝1"] {
            let cell = inert(text);
            assert!(cell.starts_with('\''), "{text:?}");
            assert_eq!(original(&cell), text);
        }
        for text in ["", "plain", "a=b", "'quoted'", "2026-09-30", " "] {
            assert_eq!(inert(text), text);
            assert_eq!(original(text), text);
        }
    }
}
