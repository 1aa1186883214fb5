//! Statements over many rows: one prepared text for each number of rows, and few numbers.

use sqlx::{
    AssertSqlSafe, Encode, Error, Sqlite, SqliteConnection, Type, query::Query, sqlite::SqliteArguments,
};

/// Rows in one statement. More brings little, and each number of rows is a text of its own to prepare.
const ROWS: usize = 128;

/// Bound values of a statement, row by row.
pub(crate) struct Row<'q, 'r>(&'r mut Option<Query<'q, Sqlite, SqliteArguments>>);

impl<'q> Row<'q, '_> {
    /// Binds the next value.
    pub(crate) fn bind<T: 'q + Encode<'q, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        *self.0 = self.0.take().map(|query| query.bind(value));
        self
    }
}

/// Runs `head VALUES (?, …), … tail` over all rows. Full groups share one text; what is left goes in groups of halving
/// size, so that there are few texts in all.
pub(crate) async fn for_rows<'q, R>(
    connection: &mut SqliteConnection,
    (head, columns, tail): (&str, usize, &str),
    mut rows: &'q [R],
    bind: impl Fn(&mut Row<'q, '_>, &'q R),
) -> Result<(), Error> {
    let mut size = ROWS;
    while !rows.is_empty() {
        while size > rows.len() {
            size /= 2;
        }
        let (group, rest) = rows.split_at(size);
        let one = format!("({})", vec!["?"; columns].join(","));
        let text = format!("{head} VALUES {} {tail}", vec![one.as_str(); size].join(","));
        let mut query = Some(sqlx::query(AssertSqlSafe(text)));
        for row in group {
            bind(&mut Row(&mut query), row);
        }
        if let Some(query) = query {
            query.execute(&mut *connection).await?;
        }
        rows = rest;
    }
    Ok(())
}
