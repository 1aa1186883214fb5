//! `aws_iam_mfa_device`.

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::{emit_listing, note_differences};
use crate::{
    credential_report::ROOT_USER,
    estate::Estate,
    wire::{MfaDevice, chrono},
};

pub(crate) static MFA_DEVICE: Kind = Kind::new(
    "aws_iam_mfa_device",
    "An MFA device of a user, a virtual one of the root user, or an unassigned virtual one. AWS lists no hardware \
     device of the root user. Users without MFA by the credential report (up to four hours old) are not asked",
)
.native_id("`SerialNumber`: an ARN, or the number of a hardware device")
.columns(&[
    Column::text("type", "/type", "`virtual`, `security_key` or `hardware`, by the form of the serial number"),
    Column::text(
        "user_name",
        "/user_name",
        "Its user; `<root_account>` for the root user. Null: not assigned (`ListMFADevices`, `ListVirtualMFADevices`)",
    ),
])
.permissions(&[
    "iam:GenerateCredentialReport",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountSummary",
    "iam:GetCredentialReport",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&MFA_DEVICE], |emit| async move {
        note_differences(&emit, &MFA_DEVICE, estate, &["MFADevicesInUse"]);
        emit_listing(&emit, &MFA_DEVICE, &estate.mfa_devices, |device| map(estate, device)).await
    })
    .await;
}

fn map(estate: &Estate, device: &MfaDevice) -> Resource {
    let serial = device.serial_number.as_str();
    let document = json!({
        "type": device_type(serial),
        "user_name": device.user_name,
        "root": device.user_name.as_deref() == Some(ROOT_USER),
    });
    Resource::new(&MFA_DEVICE, estate.account().clone(), serial, document)
        .named(auditor_aws_common::name_of(serial))
        .with_times(chrono(device.enabled_at), None)
}

fn device_type(serial: &str) -> &'static str {
    match auditor_aws_common::Arn::parse(serial) {
        Some(arn) if arn.resource.starts_with("u2f/") => "security_key",
        Some(_) => "virtual",
        None => "hardware",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_serial_number_tells_the_type() {
        assert_eq!(device_type("arn:aws:iam::111122223333:mfa/ada"), "virtual");
        assert_eq!(device_type("arn:aws:iam::111122223333:u2f/user/ada/key-ABC"), "security_key");
        assert_eq!(device_type("GAHT12345678"), "hardware");
    }
}
