//! The CSV form of the table of accounts to audit: read whole, every row checked, every error told.

use std::{collections::BTreeMap, io::Write};

use auditor_core::{
    config::{Secret, did_you_mean},
    model::AccountId,
    sink::AccountEntry,
};

use super::csv_input;
use crate::{
    failure::Failure,
    output::{inert, original},
};

const HEADER: [&str; 5] = ["account", "name", "role_arn", "external_id_ref", "enabled"];

/// For `--help`.
pub(super) const HELP: &str = "\
The file is CSV with this header; name, external_id_ref and enabled may be empty or left out:
  account,name,role_arn,external_id_ref,enabled
  111122223333,production,arn:aws:iam::111122223333:role/auditor,env:AUDITOR_EXTERNAL_ID,true

external_id_ref says where the external id is found, `env:NAME` or `file:/path`; the id itself does not belong here.
Accounts that are in the table and not in the file stay as they are.";

/// The entries of a CSV file.
///
/// # Errors
/// `LINE: what is wrong` for everything that is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<AccountEntry>, Vec<String>> {
    let mut reader = csv_input::rows(bytes);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Err(vec![format!("1: {}", csv_input::reason(&error))]),
    };
    let mut problems = header_problems(&header);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut entries = Vec::new();
    let mut lines = BTreeMap::new();
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
        let field = |name: &str| {
            let index = header.iter().position(|column| column == name)?;
            record.get(index).map(original).filter(|text| !text.is_empty())
        };
        let mut row = Vec::new();
        if let Some(entry) = entry(field, &mut row) {
            if let Some(first) = lines.insert(entry.account.clone(), line) {
                row.push(format!("account {} is on line {first} already", entry.account));
            }
            entries.push(entry);
        }
        problems.extend(row.into_iter().map(|problem| format!("{line}: {problem}")));
    }
    if problems.is_empty() { Ok(entries) } else { Err(problems) }
}

fn header_problems(header: &csv::StringRecord) -> Vec<String> {
    let mut problems = Vec::new();
    for column in header {
        if !HEADER.contains(&column) {
            problems
                .push(format!("1: unknown column `{column}`{}", did_you_mean(column, HEADER.into_iter())));
        }
    }
    for column in ["account", "role_arn"] {
        if !header.iter().any(|found| found == column) {
            problems.push(format!("1: column `{column}` is missing; the header is `{}`", HEADER.join(",")));
        }
    }
    problems
}

fn entry<'a>(field: impl Fn(&str) -> Option<&'a str>, problems: &mut Vec<String>) -> Option<AccountEntry> {
    let account = match field("account") {
        None => {
            problems.push("`account` is empty".to_owned());
            None
        }
        Some(text) => match text.parse::<AccountId>() {
            Ok(account) if account.is_aws() => Some(account),
            _ => {
                let other = || format!("account `{text}` is not an AWS account id of 12 digits");
                problems.push(csv_input::lost_zeros(text).unwrap_or_else(other));
                None
            }
        },
    };
    let role_arn = field("role_arn");
    match (role_arn, &account) {
        (None, _) => problems.push("`role_arn` is empty".to_owned()),
        (Some(arn), account) => problems.extend(role_problem(arn, account.as_ref())),
    }
    let external_id_ref = field("external_id_ref");
    if external_id_ref.is_some_and(|text| Secret::from_reference(text).is_none()) {
        // Not repeated: it may be the external id itself.
        problems.push("`external_id_ref` must be `env:NAME` or `file:/path`, not the id itself".to_owned());
    }
    let enabled = match field("enabled").map(str::to_ascii_lowercase).as_deref() {
        None | Some("true" | "yes" | "1") => true,
        Some("false" | "no" | "0") => false,
        Some(other) => {
            problems.push(format!("`enabled` must be `true` or `false`, not `{other}`"));
            true
        }
    };
    Some(AccountEntry {
        account: account?,
        name: field("name").map(ToOwned::to_owned),
        role_arn: role_arn?.to_owned(),
        external_id_ref: external_id_ref.map(ToOwned::to_owned),
        enabled,
        working: None,
        last_used_at: None,
        last_error: None,
    })
}

/// What is wrong with `arn:PARTITION:iam::ACCOUNT:role/…` for this account.
fn role_problem(arn: &str, account: Option<&AccountId>) -> Option<String> {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "iam", "", owner, role]
            if partition.starts_with("aws")
                && role.strip_prefix("role/").is_some_and(|name| !name.is_empty()) =>
        {
            account
                .filter(|account| account.as_str() != *owner)
                .map(|account| format!("`role_arn` names account {owner} in the row of account {account}"))
        }
        _ => Some(format!("`role_arn` is `{arn}`, expected `arn:aws:iam::ACCOUNT:role/NAME`")),
    }
}

/// Writes entries as [`read`] reads them.
pub(super) fn write(entries: &[AccountEntry], out: impl Write) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEADER)?;
    for entry in entries {
        writer.write_record([
            entry.account.as_str(),
            &*inert(entry.name.as_deref().unwrap_or_default()),
            &entry.role_arn,
            entry.external_id_ref.as_deref().unwrap_or_default(),
            if entry.enabled { "true" } else { "false" },
        ])?;
    }
    writer.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let text = "account,name,role_arn,external_id_ref,enabled\n\
                    111122223333,\"prod, eu\",arn:aws:iam::111122223333:role/a/b,env:X,true\n\
                    444455556666,,arn:aws-us-gov:iam::444455556666:role/a,,false\n";
        let entries = read(text.as_bytes()).unwrap();
        assert_eq!(entries[0].name.as_deref(), Some("prod, eu"));
        assert!(!entries[1].enabled);
        let mut out = Vec::new();
        write(&entries, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn optional_columns_may_be_absent_and_a_byte_order_mark_present() {
        let text = "\u{feff}role_arn,account\narn:aws:iam::111122223333:role/a,111122223333\n";
        let entries = read(text.as_bytes()).unwrap();
        assert!(entries[0].enabled && entries[0].external_id_ref.is_none());
    }

    #[test]
    fn every_error_is_told_with_its_line_and_no_secret() {
        let text = "account,name,role_arn,external_id_ref,enabled\n\
                    11112222333,a,arn:aws:iam::111122223333:role/a,,\n\
                    111122223333,a,arn:aws:iam::444455556666:role/a,hunter2,maybe\n\
                    111122223333,a,role/a,,true\n\
                    111122223333,a\n\
                    ,a,,,\n";
        let problems = read(text.as_bytes()).unwrap_err();
        assert_eq!(
            problems,
            [
                "2: account `11112222333` has 11 digits instead of 12: were leading zeros lost in a spreadsheet?",
                "3: `role_arn` names account 444455556666 in the row of account 111122223333",
                "3: `external_id_ref` must be `env:NAME` or `file:/path`, not the id itself",
                "3: `enabled` must be `true` or `false`, not `maybe`",
                "4: `role_arn` is `role/a`, expected `arn:aws:iam::ACCOUNT:role/NAME`",
                "4: account 111122223333 is on line 3 already",
                "5: has 2 fields, the header has 5",
                "6: `account` is empty",
                "6: `role_arn` is empty",
            ]
        );
        assert!(!problems.concat().contains("hunter2"));
        let header = read(b"acount,role_arn\n").unwrap_err();
        assert!(header[0].contains("did you mean `account`?"), "{header:?}");
        assert!(read(b"account,role_arn\n\xff,x\n").unwrap_err()[0].contains("UTF-8"));
    }
}
