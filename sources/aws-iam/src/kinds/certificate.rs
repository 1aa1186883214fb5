//! `aws_iam_signing_certificate` and `aws_iam_server_certificate`.

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::{emit_listing, note_differences};
use crate::{
    estate::Estate,
    wire::{ServerCertificate, SigningCertificate, chrono},
};

pub(crate) static SIGNING_CERTIFICATE: Kind = Kind::new(
    "aws_iam_signing_certificate",
    "An X.509 signing certificate of a user. Users that have none by the credential report (up to four hours old) are \
     not asked",
)
.native_id("`CertificateId`")
.columns(&[
    Column::text("user_name", "/user_name", "Name of its user (`ListSigningCertificates`, `UserName`)"),
    Column::boolean("active", "/active", "Whether it works (`ListSigningCertificates`, `Status`)"),
    Column::text("body_blake3", "/body_blake3", "BLAKE3 of the certificate (`ListSigningCertificates`, `CertificateBody`)"),
])
.permissions(&[
    "iam:GenerateCredentialReport",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetCredentialReport",
    "iam:ListSigningCertificates",
]);

pub(crate) static SERVER_CERTIFICATE: Kind =
    Kind::new("aws_iam_server_certificate", "A TLS certificate kept in IAM for load balancers and the like")
        .native_id("`ServerCertificateId` (`ASCA…`)")
        .columns(&[
            Column::timestamp(
                "expires_at",
                "/expires_at",
                "When it expires. Null: not known (`ListServerCertificates`, `Expiration`)",
            ),
            Column::text("path", "/path", "Path (`ListServerCertificates`, `Path`)"),
            Column::text("arn", "/arn", "ARN (`ListServerCertificates`, `Arn`)"),
        ])
        .permissions(&["iam:GetAccountSummary", "iam:ListServerCertificates"]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&SIGNING_CERTIFICATE], |emit| async move {
        emit_listing(&emit, &SIGNING_CERTIFICATE, &estate.signing_certificates, |certificate| {
            map_signing(estate, certificate)
        })
        .await
    })
    .await;
    out.scope(&[&SERVER_CERTIFICATE], |emit| async move {
        note_differences(&emit, &SERVER_CERTIFICATE, estate, &["ServerCertificates"]);
        emit_listing(&emit, &SERVER_CERTIFICATE, &estate.server_certificates, |certificate| {
            map_server(estate, certificate)
        })
        .await
    })
    .await;
}

fn map_signing(estate: &Estate, certificate: &SigningCertificate) -> Resource {
    let document = json!({
        "user_name": certificate.user_name,
        "active": certificate.status == "Active",
        "body_blake3": certificate.body_blake3,
    });
    Resource::new(&SIGNING_CERTIFICATE, estate.account().clone(), certificate.id.as_str(), document)
        .named(certificate.id.as_str())
        .with_times(chrono(certificate.uploaded_at), None)
}

fn map_server(estate: &Estate, certificate: &ServerCertificate) -> Resource {
    let document = json!({
        "arn": certificate.arn,
        "path": certificate.path,
        "expires_at": chrono(certificate.expires_at),
    });
    Resource::new(&SERVER_CERTIFICATE, estate.account().clone(), certificate.id.as_str(), document)
        .named(certificate.name.as_str())
        .with_times(chrono(certificate.uploaded_at), None)
}
