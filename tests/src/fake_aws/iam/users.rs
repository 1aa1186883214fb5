//! What belongs to single users: keys, second factors, certificates.

use super::{
    super::{
        estate::{IdStatus, RootMfa, ServiceCredential, Time, User},
        server::ApiError,
        xml::Xml,
    },
    Request,
    entities::user_head,
};

pub(super) fn list_access_keys(request: &Request<'_>) -> Result<Xml, ApiError> {
    let user = request.user()?;
    request.paged("AccessKeyMetadata", &user.keys, |xml, key| {
        xml.text("UserName", &user.name);
        xml.text("AccessKeyId", &key.id);
        xml.text("Status", status(key.active));
        xml.time("CreateDate", key.created);
    })
}

pub(super) fn get_access_key_last_used(request: &Request<'_>) -> Result<Xml, ApiError> {
    let id = request.call.required("AccessKeyId")?;
    let (user, key) = request
        .account
        .users
        .iter()
        .find_map(|user| user.keys.iter().find(|key| key.id == id).map(|key| (user, key)))
        .ok_or_else(|| ApiError::no_such_entity(format!("The Access Key with id {id} cannot be found.")))?;
    let mut xml = Xml::default();
    xml.text("UserName", &user.name);
    xml.element("AccessKeyLastUsed", |xml| {
        xml.optional_time("LastUsedDate", key.last_used.as_ref().map(|used| used.at));
        xml.text("ServiceName", key.last_used.as_ref().map_or("N/A", |used| &used.service));
        xml.text("Region", key.last_used.as_ref().map_or("N/A", |used| &used.region));
    });
    Ok(xml)
}

pub(super) fn list_mfa_devices(request: &Request<'_>) -> Result<Xml, ApiError> {
    let user = request.user()?;
    request.paged("MFADevices", &user.mfa, |xml, device| {
        xml.text("UserName", &user.name);
        xml.text("SerialNumber", &device.serial);
        xml.time("EnableDate", device.enabled);
    })
}

pub(super) fn list_ssh_keys(request: &Request<'_>) -> Result<Xml, ApiError> {
    let user = request.user()?;
    request.paged("SSHPublicKeys", &user.ssh_keys, |xml, key| {
        xml.text("UserName", &user.name);
        xml.text("SSHPublicKeyId", &key.id);
        id_status(xml, key);
    })
}

pub(super) fn list_certificates(request: &Request<'_>) -> Result<Xml, ApiError> {
    let user = request.user()?;
    request.paged("Certificates", &user.certificates, |xml, certificate| {
        xml.text("UserName", &user.name);
        xml.text("CertificateId", &certificate.id);
        xml.text("CertificateBody", "-----BEGIN CERTIFICATE-----\ninvented\n-----END CERTIFICATE-----");
        id_status(xml, certificate);
    })
}

fn id_status(xml: &mut Xml, item: &IdStatus) {
    xml.text("Status", status(item.active));
    xml.time("UploadDate", item.uploaded);
}

/// A virtual device: serial number, since when, and whose; `None` is the root user.
type Virtual<'a> = (String, Time, Option<&'a User>);

pub(super) fn list_virtual_mfa_devices(request: &Request<'_>) -> Result<Xml, ApiError> {
    let account = request.account;
    let users = account.users.iter().flat_map(|user| {
        let arns = user.mfa.iter().filter(|device| device.serial.starts_with("arn:"));
        arns.map(move |device| (device.serial.clone(), device.enabled, Some(user)))
    });
    let root = (account.root.mfa == Some(RootMfa::Virtual))
        .then(|| (account.arn("mfa/root-account-mfa-device"), account.root.created, None));
    let devices: Vec<Virtual<'_>> = match request.call.param("AssignmentStatus") {
        Some("Unassigned") => Vec::new(),
        _ => root.into_iter().chain(users).collect(),
    };
    request.paged("VirtualMFADevices", &devices, |xml, (serial, enabled, user)| {
        xml.text("SerialNumber", serial);
        xml.time("EnableDate", *enabled);
        xml.element("User", |xml| {
            if let Some(user) = user {
                user_head(xml, account, user);
            } else {
                xml.text("UserId", &account.id);
                xml.text("Arn", account.arn("root"));
                xml.time("CreateDate", account.root.created);
            }
        });
    })
}

pub(super) fn list_service_credentials(request: &Request<'_>) -> Result<Xml, ApiError> {
    let of = |user| std::iter::repeat(user).zip(credentials(user));
    let all: Vec<(&User, &ServiceCredential)> = match request.call.param("AllUsers") {
        Some("true") if request.call.param("UserName").is_some() => {
            return Err(ApiError::validation("UserName and AllUsers cannot both be given"));
        }
        Some("true") => request.account.users.iter().flat_map(of).collect(),
        _ => of(request.user()?).collect(),
    };
    request.paged("ServiceSpecificCredentials", &all, |xml, (user, credential)| {
        xml.text("UserName", &user.name);
        xml.text("Status", status(credential.active));
        xml.text("ServiceUserName", format!("{}-at-{}", user.name, request.account.id));
        xml.time("CreateDate", credential.created);
        xml.optional_time("ExpirationDate", credential.expires);
        xml.text("ServiceSpecificCredentialId", &credential.id);
        xml.text("ServiceName", &credential.service);
    })
}

fn credentials(user: &User) -> &[ServiceCredential] {
    &user.service_credentials
}

fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}
