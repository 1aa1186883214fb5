//! Facts of accounts as CSV: read whole, every row checked, every error told.

use std::{collections::BTreeMap, io::Write};

use auditor_core::{
    config::did_you_mean,
    model::{AccountId, InvalidAccountId},
};
use auditor_store::directory::Account;

use super::facts;
use crate::{
    commands::csv_input,
    failure::Failure,
    output::{inert, original},
};

const ACCOUNT: &str = "account";

/// For `--help`.
pub(super) const HELP: &str = "\
The file is CSV with a header: `account`, and any of the facts that `auditor accounts export` prints:
  account,name,owner,business_unit,support_team,security_contact
  111122223333,production,Ada Lovelace,Payments,Platform team,security@example.com

Only cells that differ from what the directory says are kept, as facts set by hand. So the directory can be exported,
completed in a spreadsheet and imported: what was not edited goes on following its source. An empty cell changes nothing
unless --clear-empty is given. Accounts that are not in the file stay as they are.

Which AWS accounts are audited, and through which role, is another file: `auditor targets import`.";

/// Cells by account: fact → text, `None` for an empty one.
pub(super) type Rows = BTreeMap<AccountId, BTreeMap<&'static str, Option<String>>>;

/// The rows of a CSV file.
///
/// # Errors
/// `LINE: what is wrong` for everything that is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<Rows, Vec<String>> {
    let mut reader = csv_input::rows(bytes);
    let header = reader.headers().map_err(|error| vec![format!("1: {}", csv_input::reason(&error))])?.clone();
    let columns = columns(&header)?;
    let (mut rows, mut lines, mut problems) = (Rows::new(), BTreeMap::new(), Vec::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.push(format!("{line}: {}", csv_input::reason(&error)));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let mut facts = BTreeMap::new();
        let mut id = None;
        for (column, cell) in columns.iter().zip(&record) {
            let cell = original(cell);
            match column {
                None => match account(cell) {
                    Ok(account) => id = Some(account),
                    Err(problem) => problems.push(format!("{line}: {problem}")),
                },
                Some(fact) => match facts::value(fact, cell) {
                    Ok(value) => drop(facts.insert(*fact, value)),
                    Err(problem) => problems.push(format!("{line}: {problem}")),
                },
            }
        }
        let Some(id) = id else { continue };
        if let Some(first) = lines.insert(id.clone(), line) {
            problems.push(format!("{line}: account {id} is on line {first} already"));
        }
        rows.insert(id, facts);
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

/// What each column is: a fact, or the account.
fn columns(header: &csv::StringRecord) -> Result<Vec<Option<&'static str>>, Vec<String>> {
    if header.iter().any(|column| column == "role_arn") {
        let text = "this is a table of accounts to audit: `auditor targets import` reads it";
        return Err(vec![format!("1: {text}")]);
    }
    let mut problems = Vec::new();
    let mut columns = Vec::new();
    for (i, column) in header.iter().enumerate() {
        if header.iter().take(i).any(|earlier| earlier == column) {
            problems.push(format!("1: column `{column}` is there twice"));
        } else if column == ACCOUNT {
            columns.push(None);
        } else if let Some(fact) = facts::settable().find(|fact| *fact == column) {
            columns.push(Some(fact));
        } else {
            let near = did_you_mean(column, facts::settable().chain([ACCOUNT]));
            problems.push(format!("1: unknown column `{column}`{near}"));
        }
    }
    if !columns.contains(&None) {
        problems.push(format!("1: column `{ACCOUNT}` is missing"));
    }
    if problems.is_empty() { Ok(columns) } else { Err(problems) }
}

fn account(cell: &str) -> Result<AccountId, String> {
    if cell.is_empty() {
        return Err(format!("`{ACCOUNT}` is empty"));
    }
    cell.parse()
        .map_err(|error: InvalidAccountId| csv_input::lost_zeros(cell).unwrap_or_else(|| error.to_string()))
}

/// Writes what the directory says, as [`read`] reads it.
pub(super) fn write(accounts: &[Account], out: impl Write) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(std::iter::once(ACCOUNT).chain(facts::settable()))?;
    for account in accounts {
        let cells = facts::settable().map(|fact| account.text(fact).unwrap_or_default());
        let cells = std::iter::once(account.account.as_str()).chain(cells);
        writer.write_record(cells.map(|cell| inert(cell).into_owned()))?;
    }
    writer.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use auditor_store::directory::{Fact, Precedence, Statement, merge};

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let fact = |name, value: &str| Fact {
            name,
            value: value.into(),
            changed_at: chrono::Utc::now(),
            set_by: None,
        };
        let statement = Statement {
            account: "111122223333".to_owned(),
            source: "a".to_owned(),
            target: "t".to_owned(),
            facts: vec![fact("name", "=1+1"), fact("owner", "Ada, \"boss\""), fact("alias", "'x")],
            seen_at: None,
            outcome: None,
        };
        let mut out = Vec::new();
        write(&merge(&[statement], &Precedence::default()), &mut out).unwrap();
        assert!(String::from_utf8_lossy(&out).contains("'=1+1"), "no formula");
        let rows = read(&out).unwrap();
        let facts = &rows[&"111122223333".parse().unwrap()];
        assert_eq!(facts["name"].as_deref(), Some("=1+1"));
        assert_eq!(facts["owner"].as_deref(), Some("Ada, \"boss\""));
        assert_eq!(facts["alias"].as_deref(), Some("'x"));
        assert_eq!(facts["status"], None);
    }

    #[test]
    fn every_error_is_told_with_its_line() {
        let text = "account,owner\n11112222333,a\nx,b\n111122223333,c\n111122223333,d\n,e\n444455556666\n";
        assert_eq!(
            read(text.as_bytes()).unwrap_err(),
            [
                "2: account `11112222333` has 11 digits instead of 12: were leading zeros lost in a spreadsheet?",
                "3: `x` is not an account: expected 12 digits, or `provider:id`",
                "5: account 111122223333 is on line 4 already",
                "6: `account` is empty",
                "7: has 1 fields, the header has 2",
            ]
        );
        let header = read(b"acount,onwer,owner,owner\n").unwrap_err();
        assert_eq!(header.len(), 4, "{header:?}");
        assert!(header[1].contains("did you mean `owner`?"), "{header:?}");
    }

    #[test]
    fn the_other_file_is_recognised() {
        let error = read(b"account,name,role_arn\n").unwrap_err();
        assert!(error[0].contains("auditor targets import"), "{error:?}");
    }
}
