//! What belongs to the account: summary, password policy, alias, identity providers, certificates.

use super::{
    super::{
        estate::{Account, OidcProvider, SamlProvider},
        server::ApiError,
        xml::Xml,
    },
    Request,
};

pub(super) fn summary(account: &Account) -> Xml {
    // The root user's counts too, though no call lists it unless it is a virtual one.
    let devices = account.users.iter().map(|user| user.mfa.len()).sum::<usize>()
        + usize::from(account.root.mfa.is_some());
    let versions = account.policies.iter().map(|policy| policy.versions.len()).sum::<usize>();
    let entries: [(&str, usize); 16] = [
        ("Users", account.users.len()),
        ("Groups", account.groups.len()),
        ("Roles", account.roles.len()),
        ("Policies", account.policies.len()),
        ("PolicyVersionsInUse", versions),
        ("InstanceProfiles", account.roles.iter().filter(|role| role.instance_profile).count()),
        ("Providers", account.saml_providers.len() + account.oidc_providers.len()),
        ("ServerCertificates", account.server_certificates.len()),
        ("MFADevices", devices),
        ("MFADevicesInUse", devices),
        ("AccountMFAEnabled", account.root.mfa.is_some().into()),
        ("AccountAccessKeysPresent", account.root.access_key.into()),
        ("AccountPasswordPresent", 1),
        ("AccountSigningCertificatesPresent", 0),
        ("UsersQuota", 5_000),
        ("VersionsPerPolicyQuota", 5),
    ];
    let mut xml = Xml::default();
    xml.element("SummaryMap", |xml| {
        for (key, value) in entries {
            xml.element("entry", |xml| {
                xml.text("key", key);
                xml.text("value", value);
            });
        }
    });
    xml
}

pub(super) fn password_policy(account: &Account) -> Result<Xml, ApiError> {
    let policy = account.password_policy.as_ref().ok_or_else(|| {
        ApiError::no_such_entity(format!(
            "The Password Policy with domain name {} cannot be found.",
            account.id
        ))
    })?;
    let mut xml = Xml::default();
    xml.element("PasswordPolicy", |xml| {
        xml.text("MinimumPasswordLength", policy.minimum_length);
        for name in
            ["RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters", "RequireLowercaseCharacters"]
        {
            xml.text(name, policy.complex);
        }
        xml.text("AllowUsersToChangePassword", true);
        xml.text("ExpirePasswords", policy.max_age_days.is_some());
        xml.optional("MaxPasswordAge", policy.max_age_days);
        xml.optional("PasswordReusePrevention", policy.reuse_prevention);
        xml.text("HardExpiry", false);
    });
    Ok(xml)
}

pub(super) fn aliases(request: &Request<'_>) -> Result<Xml, ApiError> {
    request.paged("AccountAliases", request.account.alias.as_slice(), |xml, alias| xml.text_only(alias))
}

fn saml_arn(account: &Account, provider: &SamlProvider) -> String {
    account.arn(&format!("saml-provider/{}", provider.name))
}

fn oidc_arn(account: &Account, provider: &OidcProvider) -> String {
    account.arn(&format!("oidc-provider/{}", provider.url))
}

pub(super) fn list_saml(account: &Account) -> Xml {
    let mut xml = Xml::default();
    xml.list("SAMLProviderList", &account.saml_providers, |xml, provider| {
        xml.text("Arn", saml_arn(account, provider));
        xml.time("ValidUntil", provider.valid_until);
        xml.time("CreateDate", provider.created);
    });
    xml
}

pub(super) fn get_saml(request: &Request<'_>) -> Result<Xml, ApiError> {
    let arn = request.call.required("SAMLProviderArn")?;
    let provider = request
        .account
        .saml_providers
        .iter()
        .find(|provider| saml_arn(request.account, provider) == arn)
        .ok_or_else(|| ApiError::no_such_entity(format!("Manifest not found for arn {arn}")))?;
    let mut xml = Xml::default();
    xml.text("SAMLMetadataDocument", &provider.metadata);
    xml.time("CreateDate", provider.created);
    xml.time("ValidUntil", provider.valid_until);
    Ok(xml)
}

pub(super) fn list_oidc(account: &Account) -> Xml {
    let mut xml = Xml::default();
    xml.list("OpenIDConnectProviderList", &account.oidc_providers, |xml, provider| {
        xml.text("Arn", oidc_arn(account, provider));
    });
    xml
}

pub(super) fn get_oidc(request: &Request<'_>) -> Result<Xml, ApiError> {
    let arn = request.call.required("OpenIDConnectProviderArn")?;
    let provider = request
        .account
        .oidc_providers
        .iter()
        .find(|provider| oidc_arn(request.account, provider) == arn)
        .ok_or_else(|| ApiError::no_such_entity(format!("OpenIDConnect Provider not found for arn {arn}")))?;
    let mut xml = Xml::default();
    xml.text("Url", &provider.url);
    xml.list("ClientIDList", &provider.client_ids, Xml::text_only);
    xml.list("ThumbprintList", &provider.thumbprints, Xml::text_only);
    xml.time("CreateDate", provider.created);
    Ok(xml)
}

pub(super) fn server_certificates(request: &Request<'_>) -> Result<Xml, ApiError> {
    request.paged(
        "ServerCertificateMetadataList",
        &request.account.server_certificates,
        |xml, certificate| {
            xml.text("Path", "/");
            xml.text("ServerCertificateName", &certificate.name);
            xml.text("ServerCertificateId", &certificate.id);
            xml.text("Arn", request.account.arn(&format!("server-certificate/{}", certificate.name)));
            xml.time("UploadDate", certificate.uploaded);
            xml.time("Expiration", certificate.expires);
        },
    )
}
