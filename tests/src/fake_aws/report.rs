//! The credential report: its states and its CSV.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::Engine as _;
use chrono::{SubsecRound as _, Utc};

use super::{
    estate::{Account, Report, Time, User},
    server::ApiError,
    xml::Xml,
};

/// How far each account's report is.
#[derive(Debug, Default)]
pub(super) struct Reports {
    progress: Mutex<HashMap<String, Progress>>,
}

#[derive(Debug, Default)]
struct Progress {
    calls: u32,
    generated: Option<Time>,
    expired: bool,
}

impl Reports {
    /// `GenerateCredentialReport`.
    pub(super) fn generate(&self, account: &Account) -> Xml {
        let mut all = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = all.entry(account.id.clone()).or_default();
        let first = progress.calls == 0;
        progress.calls += 1;
        let ready = match account.report {
            Report::ReadyAfter(calls) => progress.calls > calls,
            Report::Never => false,
            Report::Expired => true,
        };
        if ready && (progress.generated.is_none() || progress.expired) {
            progress.generated = Some(Utc::now().trunc_subsecs(0));
        }
        let mut xml = Xml::default();
        xml.text(
            "State",
            if ready {
                "COMPLETE"
            } else if first {
                "STARTED"
            } else {
                "INPROGRESS"
            },
        );
        xml.text(
            "Description",
            if ready { "" } else { "No report exists. Starting a new report generation task" },
        );
        xml
    }

    /// `GetCredentialReport`.
    pub(super) fn get(&self, account: &Account) -> Result<Xml, ApiError> {
        let mut all = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = all.entry(account.id.clone()).or_default();
        let Some(generated) = progress.generated else {
            return Err(if progress.calls == 0 {
                ApiError::new(410, "ReportNotPresent", "No report exists")
            } else {
                ApiError::new(404, "ReportInProgress", "Report generation is in progress")
            });
        };
        if account.report == Report::Expired && !progress.expired {
            progress.expired = true;
            return Err(ApiError::new(410, "ReportExpired", "The report has expired"));
        }
        let mut xml = Xml::default();
        xml.text("Content", base64::engine::general_purpose::STANDARD.encode(csv(account)));
        xml.text("ReportFormat", "text/csv");
        xml.time("GeneratedTime", generated);
        Ok(xml)
    }
}

const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// The report's CSV, the root user's row first.
pub(super) fn csv(account: &Account) -> String {
    let mut lines = vec![HEADER.to_owned(), root_line(account)];
    lines.extend(account.users.iter().map(|user| user_line(account, user)));
    lines.join("\n")
}

fn root_line(account: &Account) -> String {
    let root = &account.root;
    let mut line = vec![
        "<root_account>".to_owned(),
        account.arn("root"),
        time(root.created),
        "not_supported".to_owned(),
        root.password_last_used.map_or("no_information".to_owned(), time),
        "not_supported".to_owned(),
        "not_supported".to_owned(),
        root.mfa.is_some().to_string(),
        root.access_key.to_string(),
        if root.access_key { time(root.created) } else { "N/A".to_owned() },
    ];
    line.extend(
        ["N/A", "N/A", "N/A", "false", "N/A", "N/A", "N/A", "N/A", "false", "N/A", "false", "N/A"]
            .map(str::to_owned),
    );
    line.join(",")
}

fn user_line(account: &Account, user: &User) -> String {
    let mut line = vec![
        user.name.clone(),
        account.arn(&format!("user{}{}", user.path, user.name)),
        time(user.created),
        user.password.is_some().to_string(),
    ];
    match &user.password {
        None => line.extend(["N/A", "N/A", "N/A"].map(str::to_owned)),
        Some(password) => {
            line.push(password.last_used.map_or("no_information".to_owned(), time));
            line.push(time(password.changed));
            let rotation = account.password_policy.as_ref().and_then(|policy| policy.max_age_days);
            line.push(
                rotation
                    .map_or("N/A".to_owned(), |days| time(password.changed + chrono::Days::new(days.into()))),
            );
        }
    }
    line.push((!user.mfa.is_empty()).to_string());
    for slot in 0..2 {
        match user.keys.get(slot) {
            None => line.extend(["false", "N/A", "N/A", "N/A", "N/A"].map(str::to_owned)),
            Some(key) => {
                line.extend([key.active.to_string(), time(key.created)]);
                match &key.last_used {
                    None => line.extend(["N/A", "N/A", "N/A"].map(str::to_owned)),
                    Some(last) => line.extend([time(last.at), last.region.clone(), last.service.clone()]),
                }
            }
        }
    }
    for slot in 0..2 {
        match user.certificates.get(slot) {
            None => line.extend(["false", "N/A"].map(str::to_owned)),
            Some(certificate) => line.extend([certificate.active.to_string(), time(certificate.uploaded)]),
        }
    }
    line.join(",")
}

fn time(time: Time) -> String {
    time.format("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_aws::{Estate, Size};

    #[test]
    fn every_row_has_every_column() {
        let estate = Estate::generate(1, 1, Size::SMALL);
        let account = estate.account(&estate.members()[0]).unwrap();
        let text = csv(&account);
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(rows.records().map(Result::unwrap).count(), account.users.len() + 1);
    }
}
