//! Tables for people.

use std::borrow::Cow;

use comfy_table::{Cell, CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, TableStyle};

/// A header line and what it heads, without boxes: easy on the eye, easy to cut and grep.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none());

/// Rows under a header.
#[derive(Debug, Default)]
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
    indent: usize,
}

impl Table {
    pub(crate) fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Aligns these columns, by index, to the right.
    pub(crate) fn right(mut self, columns: impl IntoIterator<Item = usize>) -> Self {
        self.right = columns.into_iter().collect();
        self
    }

    /// Moves every line that many columns to the right.
    pub(crate) fn indent(mut self, columns: usize) -> Self {
        self.indent = columns;
        self
    }

    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The lines, each with its end. Cells wrap when a width is given and they need to.
    pub(crate) fn render(&self, width: Option<u16>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(STYLE).force_no_tty();
        if let Some(width) = width {
            let indent = u16::try_from(self.indent).unwrap_or(0);
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width.saturating_sub(indent).max(20));
        }
        let align = |i: usize, text: &String| {
            let alignment = if self.right.contains(&i) { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(printable(text)).set_alignment(alignment)
        };
        table.set_header(self.header.iter().enumerate().map(|(i, text)| align(i, text)));
        for row in &self.rows {
            table.add_row(row.iter().enumerate().map(|(i, text)| align(i, text)));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 1));
        }
        let indent = " ".repeat(self.indent);
        let mut text = String::new();
        for line in table.lines() {
            text.push_str(format!("{indent}{line}").trim_end());
            text.push('\n');
        }
        text
    }
}

/// The text with control characters spelt out: names come from outside and must not steer the terminal.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        text.chars()
            .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
            .collect::<String>()
            .into()
    } else {
        text.into()
    }
}

/// Columns the text takes on a terminal, wide characters counted as one: good enough to choose columns by.
pub(super) fn text_width(text: &str) -> usize {
    printable(text).chars().count()
}

/// Columns of the terminal that standard output is; `None` if it is none.
pub(crate) fn terminal_width() -> Option<u16> {
    use std::io::IsTerminal as _;
    std::io::stdout().is_terminal().then(|| comfy_table::Table::new().width()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_end_clean() {
        let mut table = Table::new(["kind", "new"]).right([1]).indent(2);
        table.row(["aws_iam_user", "3"]);
        table.row(["account", "12"]);
        let lines: Vec<_> = table.render(None).lines().map(ToOwned::to_owned).collect();
        assert_eq!(
            lines,
            ["  kind          new", "  ──────────────────", "  aws_iam_user    3", "  account        12"]
        );
    }

    #[test]
    fn control_characters_are_spelt_out() {
        assert_eq!(printable("a\x1b[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(printable("ä ☃"), "ä ☃");
    }
}
