//! `aws_iam_credential`: rows of the credential report.

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::emit_sorted;
use crate::{
    credential_report::{CredentialReport, ReportRow},
    estate::Estate,
};

pub(crate) static CREDENTIAL: Kind = Kind::new(
    "aws_iam_credential",
    "A row of the credential report: passwords, keys, MFA and certificates of one user or of the root user, as of the \
     report's time (up to four hours ago)",
)
.native_id("The user's ARN: the report has no unique id")
.columns(&[
    Column::boolean("root", "/root", "Whether it is the root user (`<root_account>`)"),
    Column::boolean("password_enabled", "/password_enabled", "Whether there is a password. Null: not supported"),
    Column::boolean("mfa_active", "/mfa_active", "Whether there is an MFA device"),
    Column::boolean("access_key_1_active", "/access_key_1_active", "Whether the first access key works"),
    Column::boolean("access_key_2_active", "/access_key_2_active", "Whether the second access key works"),
    Column::boolean("cert_1_active", "/cert_1_active", "Whether the first signing certificate works"),
    Column::boolean("cert_2_active", "/cert_2_active", "Whether the second signing certificate works"),
    Column::timestamp("password_changed_at", "/password_changed_at", "`password_last_changed`. Null: does not apply"),
    Column::timestamp("password_expires_at", "/password_expires_at", "`password_next_rotation`. Null: never"),
    Column::timestamp("access_key_1_rotated_at", "/access_key_1_rotated_at", "`access_key_1_last_rotated`. Null: no key"),
    Column::timestamp("access_key_2_rotated_at", "/access_key_2_rotated_at", "`access_key_2_last_rotated`. Null: no key"),
    Column::timestamp("cert_1_rotated_at", "/cert_1_rotated_at", "`cert_1_last_rotated`. Null: no certificate"),
    Column::timestamp("cert_2_rotated_at", "/cert_2_rotated_at", "`cert_2_last_rotated`. Null: no certificate"),
    Column::timestamp("password_last_used_at", "/password_last_used_at", "`password_last_used`. Null: no record of use")
        .activity(),
    Column::timestamp(
        "access_key_1_last_used_at",
        "/access_key_1_last_used_at",
        "`access_key_1_last_used_date`. Null: no record of use",
    )
    .activity(),
    Column::text("access_key_1_last_used_service", "/access_key_1_last_used_service", "Service it was used with")
        .activity(),
    Column::text("access_key_1_last_used_region", "/access_key_1_last_used_region", "Region it was used in").activity(),
    Column::timestamp(
        "access_key_2_last_used_at",
        "/access_key_2_last_used_at",
        "`access_key_2_last_used_date`. Null: no record of use",
    )
    .activity(),
    Column::text("access_key_2_last_used_service", "/access_key_2_last_used_service", "Service it was used with")
        .activity(),
    Column::text("access_key_2_last_used_region", "/access_key_2_last_used_region", "Region it was used in").activity(),
    Column::timestamp(
        "report_generated_at",
        "/report_generated_at",
        "When AWS made the report. Null: not known (`GetCredentialReport`, `GeneratedTime`)",
    )
    .activity(),
    Column::text("arn", "/arn", "ARN of the user"),
])
.permissions(&["iam:GenerateCredentialReport", "iam:GetCredentialReport"]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&CREDENTIAL], |emit| async move {
        let Some(report) = estate.report.required(&emit, &CREDENTIAL)? else { return Ok(()) };
        let rows = report.rows.values().map(|row| (row.arn.as_str(), row));
        emit_sorted(&emit, rows, |_, row| map(estate.account(), report, row)).await
    })
    .await;
}

fn map(account: &AccountId, report: &CredentialReport, row: &ReportRow) -> Resource {
    let [key_1, key_2] = &row.access_keys;
    let [cert_1, cert_2] = &row.certificates;
    let root = row.user == crate::credential_report::ROOT_USER;
    let document = json!({
        "arn": row.arn,
        "root": root,
        "password_enabled": row.password_enabled,
        "password_changed_at": row.password_last_changed_at,
        "password_expires_at": row.password_next_rotation_at,
        "mfa_active": row.mfa_active,
        "access_key_1_active": key_1.active,
        "access_key_1_rotated_at": key_1.last_rotated_at,
        "access_key_2_active": key_2.active,
        "access_key_2_rotated_at": key_2.last_rotated_at,
        "cert_1_active": cert_1.active,
        "cert_1_rotated_at": cert_1.last_rotated_at,
        "cert_2_active": cert_2.active,
        "cert_2_rotated_at": cert_2.last_rotated_at,
    });
    Resource::new(&CREDENTIAL, account.clone(), row.arn.as_str(), document)
        .named(row.user.as_str())
        .with_times(row.user_created_at, None)
        .with_activity(json!({
            "password_last_used_at": row.password_last_used_at,
            "access_key_1_last_used_at": key_1.last_used_at,
            "access_key_1_last_used_region": key_1.last_used_region,
            "access_key_1_last_used_service": key_1.last_used_service,
            "access_key_2_last_used_at": key_2.last_used_at,
            "access_key_2_last_used_region": key_2.last_used_region,
            "access_key_2_last_used_service": key_2.last_used_service,
            "report_generated_at": report.generated_at,
        }))
}
