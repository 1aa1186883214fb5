//! The credential report: one CSV row per user and one for the root user.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::wire::Time;

/// What the report calls the root user.
pub(crate) const ROOT_USER: &str = "<root_account>";

/// A credential report, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct CredentialReport {
    /// Its rows, by user name; `<root_account>` is the root user.
    pub(crate) rows: BTreeMap<String, ReportRow>,
    /// When AWS made it. `None` where the export does not say.
    pub(crate) generated_at: Option<DateTime<Utc>>,
}

/// One user's row. `None`: the report does not say (`N/A`, `not_supported`, `no_information`, or no such column).
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ReportRow {
    pub(crate) user: String,
    pub(crate) arn: String,
    pub(crate) user_created_at: Option<DateTime<Utc>>,
    pub(crate) password_enabled: Option<bool>,
    pub(crate) password_last_used_at: Option<DateTime<Utc>>,
    pub(crate) password_last_changed_at: Option<DateTime<Utc>>,
    pub(crate) password_next_rotation_at: Option<DateTime<Utc>>,
    pub(crate) mfa_active: Option<bool>,
    pub(crate) access_keys: [ReportKey; 2],
    pub(crate) certificates: [ReportCertificate; 2],
}

/// One of a user's two access key slots.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ReportKey {
    pub(crate) active: Option<bool>,
    pub(crate) last_rotated_at: Option<DateTime<Utc>>,
    pub(crate) last_used_at: Option<DateTime<Utc>>,
    pub(crate) last_used_region: Option<String>,
    pub(crate) last_used_service: Option<String>,
}

/// One of a user's two signing certificate slots.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ReportCertificate {
    pub(crate) active: Option<bool>,
    pub(crate) last_rotated_at: Option<DateTime<Utc>>,
}

impl ReportKey {
    /// Whether the slot holds a key, active or not.
    pub(crate) fn exists(&self) -> bool {
        self.active == Some(true) || self.last_rotated_at.is_some()
    }
}

impl ReportCertificate {
    /// Whether the slot holds a certificate, active or not.
    pub(crate) fn exists(&self) -> bool {
        self.active == Some(true) || self.last_rotated_at.is_some()
    }
}

impl CredentialReport {
    /// Reads the CSV.
    ///
    /// # Errors
    /// What is wrong with it and on which line: a column is missing, a row is cut, a value has no meaning.
    pub(crate) fn parse(csv: &[u8], generated_at: Option<DateTime<Utc>>) -> Result<Self, String> {
        let csv = csv.strip_prefix("\u{feff}".as_bytes()).unwrap_or(csv);
        let mut reader = csv::Reader::from_reader(csv);
        let headers = reader.headers().map_err(|error| error.to_string())?.clone();
        for needed in
            ["user", "arn", "password_enabled", "mfa_active", "access_key_1_active", "access_key_2_active"]
        {
            if !headers.iter().any(|header| header == needed) {
                return Err(format!("the column `{needed}` is missing"));
            }
        }
        let mut rows = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| error.to_string())?;
            let line = record.position().map_or(0, csv::Position::line);
            let fields = Fields { headers: &headers, record: &record, line };
            let row = fields.row()?;
            rows.insert(row.user.clone(), row);
        }
        if rows.is_empty() {
            return Err("it has no rows".to_owned());
        }
        Ok(Self { rows, generated_at })
    }

    /// The root user's row.
    pub(crate) fn root(&self) -> Option<&ReportRow> {
        self.rows.get(ROOT_USER)
    }

    /// The row of the user of that name who was created at that time. The report may be four hours old: a row of an
    /// earlier user of the same name is not this user's.
    pub(crate) fn user(&self, name: &str, created_at: Option<DateTime<Utc>>) -> Option<&ReportRow> {
        let row = self.rows.get(name)?;
        let same = match (created_at, row.user_created_at) {
            // The report keeps whole seconds.
            (Some(user), Some(row)) => user.timestamp().abs_diff(row.timestamp()) <= 1,
            _ => true,
        };
        same.then_some(row)
    }
}

struct Fields<'a> {
    headers: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
    line: u64,
}

impl Fields<'_> {
    fn row(&self) -> Result<ReportRow, String> {
        let required = |name: &str| {
            self.text(name).ok_or_else(|| format!("line {}: `{name}` is empty", self.line)).map(str::to_owned)
        };
        Ok(ReportRow {
            user: required("user")?,
            arn: required("arn")?,
            user_created_at: self.time("user_creation_time")?,
            password_enabled: self.boolean("password_enabled")?,
            password_last_used_at: self.time("password_last_used")?,
            password_last_changed_at: self.time("password_last_changed")?,
            password_next_rotation_at: self.time("password_next_rotation")?,
            mfa_active: self.boolean("mfa_active")?,
            access_keys: [self.key(1)?, self.key(2)?],
            certificates: [self.certificate(1)?, self.certificate(2)?],
        })
    }

    fn key(&self, slot: u8) -> Result<ReportKey, String> {
        let text = |what: &str| self.text(&format!("access_key_{slot}_{what}")).map(str::to_owned);
        Ok(ReportKey {
            active: self.boolean(&format!("access_key_{slot}_active"))?,
            last_rotated_at: self.time(&format!("access_key_{slot}_last_rotated"))?,
            last_used_at: self.time(&format!("access_key_{slot}_last_used_date"))?,
            last_used_region: text("last_used_region"),
            last_used_service: text("last_used_service"),
        })
    }

    fn certificate(&self, slot: u8) -> Result<ReportCertificate, String> {
        Ok(ReportCertificate {
            active: self.boolean(&format!("cert_{slot}_active"))?,
            last_rotated_at: self.time(&format!("cert_{slot}_last_rotated"))?,
        })
    }

    fn text(&self, name: &str) -> Option<&str> {
        let index = self.headers.iter().position(|header| header == name)?;
        let text = self.record.get(index)?.trim();
        (!["", "N/A", "not_supported", "no_information"].contains(&text)).then_some(text)
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, String> {
        match self.text(name) {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(format!("line {}: `{name}` is neither true nor false", self.line)),
        }
    }

    fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, String> {
        self.text(name)
            .map(|text| {
                Time::parse(text)
                    .map(|time| time.0)
                    .ok_or_else(|| format!("line {}: `{name}` is no time", self.line))
            })
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,\
        access_key_1_active,access_key_1_last_rotated,access_key_2_active,cert_1_active,future_column";

    fn parse(rows: &str) -> Result<CredentialReport, String> {
        CredentialReport::parse(format!("{HEADER}\n{rows}").as_bytes(), None)
    }

    #[test]
    fn reads_users_and_root() {
        let report = parse(
            "<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,not_supported,no_information,true,false,N/A,false,false,x\n\
             ada,arn:aws:iam::111122223333:user/ada,2021-01-01T00:00:00Z,TRUE,N/A,false,false,2021-02-03T04:05:06+00:00,N/A,false,",
        )
        .unwrap();
        let root = report.root().unwrap();
        assert_eq!((root.password_enabled, root.mfa_active), (None, Some(true)));
        let ada = &report.rows["ada"];
        assert_eq!((ada.password_enabled, ada.password_last_used_at), (Some(true), None));
        assert!(ada.access_keys[0].exists(), "an inactive key is a key");
        assert!(!ada.access_keys[1].exists());
    }

    #[test]
    fn a_row_of_an_earlier_user_of_the_same_name_is_not_taken() {
        let report = parse("ada,arn,2021-01-01T00:00:00Z,true,N/A,false,false,N/A,false,false,").unwrap();
        let at = |text: &str| Some(text.parse().unwrap());
        assert!(report.user("ada", at("2021-01-01T00:00:00.7Z")).is_some());
        assert!(report.user("ada", at("2025-01-01T00:00:00Z")).is_none());
        assert!(report.user("bob", None).is_none());
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let error = |rows: &str| parse(rows).unwrap_err();
        assert!(error("ada,arn,2021").contains("line: 2"), "{}", error("ada,arn,2021"));
        assert_eq!(
            error("ada,arn,2021-01-01T00:00:00Z,maybe,N/A,false,false,N/A,false,false,"),
            "line 2: `password_enabled` is neither true nor false"
        );
        assert_eq!(
            error("ada,arn,last year,true,N/A,false,false,N/A,false,false,"),
            "line 2: `user_creation_time` is no time"
        );
        assert_eq!(error(""), "it has no rows");
        assert_eq!(CredentialReport::parse(b"<html>", None).unwrap_err(), "the column `user` is missing");
        assert!(CredentialReport::parse(b"user,arn\xff\n", None).is_err());
    }
}
