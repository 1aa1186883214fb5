//! Which accounts a folder of exports holds.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use auditor_core::{error::SourceError, source::Target};

use super::export::Export;
use crate::{
    arn::is_account_id,
    config::Partition,
    targets::{Access, TargetSettings, placeholder},
};

const ACTION: &str = "list export files";

/// Every account of the path: each sub-folder is one; files directly in it are told apart by account.
///
/// # Errors
/// [`Rejected`](SourceError::Rejected) if the path cannot be read or holds no export.
pub(crate) async fn plan(path: PathBuf, partition: Partition) -> Result<Vec<Target>, SourceError> {
    tokio::task::spawn_blocking(move || plan_path(&path, partition))
        .await
        .map_err(|error| SourceError::Bug(format!("listing export files: {error}")))?
}

fn plan_path(path: &Path, partition: Partition) -> Result<Vec<Target>, SourceError> {
    let unreadable = |path: &Path, error: &std::io::Error| {
        SourceError::rejected(ACTION, format!("`{}`: {error}", path.display()))
            .with_hint("correct `offline.path`; it starts at the configuration file's folder")
    };
    let mut groups = BTreeMap::<String, Vec<PathBuf>>::new();
    let mut loose = BTreeMap::<String, Vec<PathBuf>>::new();
    if path.is_file() {
        groups.insert(group_of(path), vec![path.to_owned()]);
    } else {
        for entry in sorted_entries(path).map_err(|error| unreadable(path, &error))? {
            if entry.is_dir() {
                let files = sorted_entries(&entry).map_err(|error| unreadable(&entry, &error))?;
                let files: Vec<_> = files.into_iter().filter(|file| is_export(file)).collect();
                if !files.is_empty() {
                    let group = id_in_name(&entry).or_else(|| id_in_files(&files));
                    let group = group.unwrap_or_else(|| file_name(&entry));
                    groups.entry(group).or_default().extend(files);
                }
            } else if is_export(&entry) {
                loose.entry(group_of(&entry)).or_default().push(entry);
            }
        }
    }
    for (group, files) in merged(loose) {
        groups.entry(group).or_default().extend(files);
    }
    if groups.is_empty() {
        return Err(SourceError::rejected(
            ACTION,
            format!("`{}` holds no `.json` or `.csv` file", path.display()),
        )
        .with_hint(
            "put the output of `aws iam get-account-authorization-details` there, a folder per account",
        ));
    }
    Ok(groups.into_iter().map(|(group, files)| target(&group, files, partition)).collect())
}

/// A loose file that names no account (a summary, an alias) belongs to the only account among them, if there is one.
fn merged(mut groups: BTreeMap<String, Vec<PathBuf>>) -> BTreeMap<String, Vec<PathBuf>> {
    let accounts: Vec<_> = groups.keys().filter(|group| is_account_id(group)).cloned().collect();
    if let [account] = accounts.as_slice() {
        let mut files: Vec<_> = std::mem::take(&mut groups).into_values().flatten().collect();
        files.sort();
        groups.insert(account.clone(), files);
    }
    groups
}

fn target(group: &str, files: Vec<PathBuf>, partition: Partition) -> Target {
    let account = match group.parse() {
        Ok(account) if is_account_id(group) => account,
        _ => placeholder(group),
    };
    let settings = TargetSettings {
        access: Access::Files { files },
        partition: partition.as_str().to_owned(),
        status: None,
        email: None,
    };
    Target { id: group.to_owned(), account, name: group.to_owned(), settings: settings.into_json() }
}

fn group_of(file: &Path) -> String {
    id_in_name(file).or_else(|| id_in_files(&[file.to_owned()])).unwrap_or_else(|| file_name(file))
}

/// The only run of exactly 12 digits in a file's or folder's name.
fn id_in_name(path: &Path) -> Option<String> {
    let name = file_name(path);
    let mut runs = name.split(|char: char| !char.is_ascii_digit()).filter(|run| is_account_id(run));
    let id = runs.next()?;
    runs.next().is_none().then(|| id.to_owned())
}

fn id_in_files(files: &[PathBuf]) -> Option<String> {
    let mut export = Export::default();
    for file in files {
        export.add(file);
        if let Some(account) = export.accounts.first() {
            return Some(account.clone());
        }
    }
    None
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_export(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    path.is_file() && (extension.eq_ignore_ascii_case("json") || extension.eq_ignore_ascii_case("csv"))
}

fn sorted_entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    entries.retain(|path| !file_name(path).starts_with('.'));
    entries.sort();
    Ok(entries)
}
