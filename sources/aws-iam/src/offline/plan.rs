//! Which accounts a folder of exports holds.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use auditor_aws_common::{Partition, is_account_id, placeholder};
use auditor_core::{error::SourceError, source::Target};

use super::export::Export;
use crate::targets::{Access, TargetSettings};

const ACTION: &str = "list export files";

/// Every account of the path: a sub-folder belongs together; files directly in it are told apart by account.
///
/// # Errors
/// [`Rejected`](SourceError::Rejected) if the path cannot be read or holds no export.
pub(crate) async fn plan(path: PathBuf, partition: Partition) -> Result<Vec<Target>, SourceError> {
    tokio::task::spawn_blocking(move || plan_path(&path, partition))
        .await
        .map_err(|error| SourceError::Bug(format!("listing export files: {error}")))?
}

/// Files by account id; by name where no account id is known.
#[derive(Default)]
struct Accounts(BTreeMap<String, Bundle>);

#[derive(Default)]
struct Bundle {
    files: Vec<PathBuf>,
    shared: bool,
    name: Option<String>,
}

fn plan_path(path: &Path, partition: Partition) -> Result<Vec<Target>, SourceError> {
    let unreadable = |path: &Path, error: &std::io::Error| {
        SourceError::rejected(ACTION, format!("`{}`: {error}", path.display()))
            .with_hint("correct `offline.path`; it starts at the configuration file's folder")
    };
    let mut accounts = Accounts::default();
    let mut loose = Accounts::default();
    if path.is_file() {
        accounts.add(path, &[path.to_owned()]);
    } else {
        for entry in sorted_entries(path).map_err(|error| unreadable(path, &error))? {
            if entry.is_dir() {
                let files = sorted_entries(&entry).map_err(|error| unreadable(&entry, &error))?;
                let files: Vec<_> = files.into_iter().filter(|file| is_export(file)).collect();
                accounts.add(&entry, &files);
            } else if is_export(&entry) {
                loose.add(&entry, std::slice::from_ref(&entry));
            }
        }
    }
    accounts.merge(loose.with_nameless_joined());
    if accounts.0.is_empty() {
        return Err(SourceError::rejected(
            ACTION,
            format!("`{}` holds no `.json` or `.csv` file", path.display()),
        )
        .with_hint(
            "put the output of `aws iam get-account-authorization-details` there, in a folder per account",
        ));
    }
    Ok(accounts.0.into_iter().map(|(id, bundle)| target(&id, bundle, partition)).collect())
}

impl Accounts {
    /// Files that belong together, under the account id in their name, or else under every account in them.
    fn add(&mut self, named: &Path, files: &[PathBuf]) {
        if files.is_empty() {
            return;
        }
        let mut ids: Vec<_> = id_in_name(named).into_iter().collect();
        if ids.is_empty() {
            ids = Export::of(files).accounts.into_iter().collect();
        }
        if ids.is_empty() {
            ids.push(file_name(named));
        }
        let shared = ids.len() > 1;
        for id in ids {
            let account = self.0.entry(id).or_default();
            account.extend(files.to_owned(), shared);
            account.name = account.name.take().or_else(|| folder_name(named).filter(|_| !shared));
        }
    }

    /// A file that names no account (a summary, an alias) belongs to the only account there is, if there is only one.
    fn with_nameless_joined(mut self) -> Self {
        let mut ids = self.0.keys().filter(|id| is_account_id(id));
        if let (Some(id), None) = (ids.next().cloned(), ids.next()) {
            let mut all = Bundle::default();
            for bundle in std::mem::take(&mut self.0).into_values() {
                all.extend(bundle.files, bundle.shared);
            }
            self.0.insert(id, all);
        }
        self
    }

    fn merge(&mut self, other: Self) {
        for (id, bundle) in other.0 {
            self.0.entry(id).or_default().extend(bundle.files, bundle.shared);
        }
    }
}

impl Bundle {
    fn extend(&mut self, files: Vec<PathBuf>, shared: bool) {
        self.files.extend(files);
        self.files.sort();
        self.shared |= shared;
    }
}

fn target(id: &str, bundle: Bundle, partition: Partition) -> Target {
    let account = match id.parse() {
        Ok(account) if is_account_id(id) => account,
        _ => placeholder("aws-iam", id),
    };
    let settings = TargetSettings {
        access: Access::Files { files: bundle.files, shared: bundle.shared },
        partition: partition.as_str().to_owned(),
        status: None,
        email: None,
    };
    let name = bundle.name.unwrap_or_else(|| id.to_owned());
    Target { id: id.to_owned(), account, name, settings: settings.into_json() }
}

/// The only run of exactly 12 digits in a file's or folder's name.
fn id_in_name(path: &Path) -> Option<String> {
    let name = file_name(path);
    let mut runs = name.split(|char: char| !char.is_ascii_digit()).filter(|run| is_account_id(run));
    let id = runs.next()?;
    runs.next().is_none().then(|| id.to_owned())
}

/// A folder's name without the account id: `payments-111122223333` holds the account called `payments`.
fn folder_name(path: &Path) -> Option<String> {
    let name = file_name(path);
    let name = id_in_name(path).map_or(name.clone(), |id| name.replace(&id, ""));
    let name = name.trim_matches(|char: char| !char.is_alphanumeric());
    (path.is_dir() && !name.is_empty()).then(|| name.to_owned())
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
