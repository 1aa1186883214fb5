//! What CSV files of people have in common, whatever they are tables of.

use std::{fs::File, io::Read as _, path::Path};

use crate::failure::Failure;

/// Reads a file, `-` for standard input, and everything in it.
///
/// # Errors
/// Usage: that it cannot be read, or every problem that `parse` tells of as `LINE: what is wrong`.
pub(super) fn read<T>(path: &Path, parse: impl Fn(&[u8]) -> Result<T, Vec<String>>) -> Result<T, Failure> {
    let file = path.display();
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::usage(format!("`{file}` cannot be read: {error}")))?;
    parse(&bytes).map_err(|problems| {
        let errors = problems.into_iter().map(|problem| format!("{file}:{problem}")).collect();
        Failure::usage_all(errors).with_hint("nothing was imported")
    })
}

/// A reader of rows.
pub(super) fn rows(bytes: &[u8]) -> csv::Reader<&[u8]> {
    // Spreadsheets put a byte order mark in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes)
}

/// What is wrong with a row, without its content.
pub(super) fn reason(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8 text".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} fields, the header has {expected_len}")
        }
        _ => error.to_string(),
    }
}

/// The commonest way to lose an account id: a spreadsheet drops leading zeros.
pub(super) fn lost_zeros(account: &str) -> Option<String> {
    let digits = account.len();
    (digits < 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then(|| {
        format!(
            "account `{account}` has {digits} digits instead of 12: were leading zeros lost in a spreadsheet?"
        )
    })
}
