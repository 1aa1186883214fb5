//! The lists of one account, each read to its end.

use std::future::Future;

use auditor_aws_common::Pages;
use auditor_core::error::SourceError;
use aws_sdk_iam::{Client, types::AssignmentStatusType};
use futures::{StreamExt as _, stream};

use super::{Iam, is_absent};
use crate::{
    estate::Listing,
    wire::{
        AccessKey, AccountDetails, ListedRole, ListedUser, MfaDevice, OidcProvider, PasswordPolicy,
        SamlProvider, ServerCertificate, ServiceCredential, SigningCertificate, SshKey, Summary,
    },
};

/// What AWS gives at most on one page.
const PAGE: i32 = 1000;
/// Per-entity calls prepared at the same time; the caller decides how many leave.
const AHEAD: usize = 4;

/// Reads a paged list: `send` makes the request for a marker, `take` takes a page's items.
macro_rules! read_pages {
    ($iam:expr, $action:expr, |$client:ident, $marker:ident| $send:expr, |$page:ident| $take:expr) => {{
        let mut items = Vec::new();
        let mut pages = Pages::new($action);
        while let Some(marker) = pages.next() {
            let send = |$client: &Client| {
                let $marker = marker.clone();
                $send.send()
            };
            let $page = $iam.call($action, send).await?;
            pages.turn($page.is_truncated, $page.marker.clone())?;
            items.extend($take);
        }
        items
    }};
}

pub(super) async fn account_details(iam: &Iam) -> Result<AccountDetails, SourceError> {
    const ACTION: &str = "iam:GetAccountAuthorizationDetails";
    let mut details = AccountDetails::default();
    let mut pages = Pages::new(ACTION);
    while let Some(marker) = pages.next() {
        let send = |client: &Client| {
            client.get_account_authorization_details().max_items(PAGE).set_marker(marker.clone()).send()
        };
        let page = iam.call(ACTION, send).await?;
        details.users.extend(page.user_detail_list.into_iter().flatten().map(Into::into));
        details.groups.extend(page.group_detail_list.into_iter().flatten().map(Into::into));
        details.roles.extend(page.role_detail_list.into_iter().flatten().map(Into::into));
        details.policies.extend(page.policies.into_iter().flatten().map(Into::into));
        pages.turn(page.is_truncated, page.marker)?;
    }
    Ok(details)
}

pub(super) async fn users(iam: &Iam) -> Result<Vec<ListedUser>, SourceError> {
    Ok(read_pages!(
        iam,
        "iam:ListUsers",
        |client, marker| client.list_users().max_items(PAGE).set_marker(marker),
        |page| page.users.into_iter().map(ListedUser::from)
    ))
}

pub(super) async fn roles(iam: &Iam) -> Result<Vec<ListedRole>, SourceError> {
    Ok(read_pages!(
        iam,
        "iam:ListRoles",
        |client, marker| client.list_roles().max_items(PAGE).set_marker(marker),
        |page| page.roles.into_iter().map(ListedRole::from)
    ))
}

pub(super) async fn summary(iam: &Iam) -> Result<Summary, SourceError> {
    let answer = iam.call("iam:GetAccountSummary", |client| client.get_account_summary().send()).await?;
    let map = answer.summary_map.unwrap_or_default();
    Ok(map.into_iter().map(|(key, value)| (key.as_str().to_owned(), value.into())).collect())
}

/// `None`: the account has no password policy.
pub(super) async fn password_policy(iam: &Iam) -> Result<Option<PasswordPolicy>, SourceError> {
    let send = |client: &Client| client.get_account_password_policy().send();
    match iam.call("iam:GetAccountPasswordPolicy", send).await {
        Ok(answer) => Ok(answer.password_policy.map(Into::into)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn aliases(iam: &Iam) -> Result<Vec<String>, SourceError> {
    Ok(read_pages!(
        iam,
        "iam:ListAccountAliases",
        |client, marker| client.list_account_aliases().max_items(PAGE).set_marker(marker),
        |page| page.account_aliases
    ))
}

/// Every virtual MFA device, assigned or not, the root user's too.
pub(super) async fn virtual_mfa_devices(iam: &Iam) -> Result<Vec<MfaDevice>, SourceError> {
    Ok(read_pages!(
        iam,
        "iam:ListVirtualMFADevices",
        |client, marker| client
            .list_virtual_mfa_devices()
            .assignment_status(AssignmentStatusType::Any)
            .max_items(PAGE)
            .set_marker(marker),
        |page| page.virtual_mfa_devices.into_iter().map(MfaDevice::from)
    ))
}

pub(super) async fn mfa_devices(iam: &Iam, user: String) -> Result<Vec<MfaDevice>, SourceError> {
    Ok(read_pages!(
        iam,
        "iam:ListMFADevices",
        |client, marker| client.list_mfa_devices().user_name(&user).set_marker(marker),
        |page| page.mfa_devices.into_iter().map(MfaDevice::from)
    ))
}

pub(super) async fn access_keys(iam: &Iam, user: String) -> Result<Vec<AccessKey>, SourceError> {
    Ok(read_pages!(
        iam,
        "iam:ListAccessKeys",
        |client, marker| client.list_access_keys().user_name(&user).set_marker(marker),
        |page| page.access_key_metadata.into_iter().filter_map(AccessKey::from_sdk)
    ))
}

pub(super) async fn ssh_keys(iam: &Iam, user: String) -> Result<Vec<SshKey>, SourceError> {
    Ok(read_pages!(
        iam,
        "iam:ListSSHPublicKeys",
        |client, marker| client.list_ssh_public_keys().user_name(&user).set_marker(marker),
        |page| page.ssh_public_keys.into_iter().flatten().map(SshKey::from)
    ))
}

pub(super) async fn signing_certificates(
    iam: &Iam,
    user: String,
) -> Result<Vec<SigningCertificate>, SourceError> {
    Ok(read_pages!(
        iam,
        "iam:ListSigningCertificates",
        |client, marker| client.list_signing_certificates().user_name(&user).set_marker(marker),
        |page| page.certificates.into_iter().map(SigningCertificate::from)
    ))
}

pub(super) async fn service_credentials(iam: &Iam) -> Result<Vec<ServiceCredential>, SourceError> {
    Ok(read_pages!(
        iam,
        "iam:ListServiceSpecificCredentials",
        |client, marker| client.list_service_specific_credentials().all_users(true).set_marker(marker),
        |page| page.service_specific_credentials.into_iter().flatten().map(ServiceCredential::from)
    ))
}

pub(super) async fn server_certificates(iam: &Iam) -> Result<Vec<ServerCertificate>, SourceError> {
    Ok(read_pages!(
        iam,
        "iam:ListServerCertificates",
        |client, marker| client.list_server_certificates().max_items(PAGE).set_marker(marker),
        |page| page.server_certificate_metadata_list.into_iter().map(ServerCertificate::from)
    ))
}

pub(super) async fn saml_providers(iam: &Iam) -> Listing<SamlProvider> {
    let list = iam.call("iam:ListSAMLProviders", |client| client.list_saml_providers().send()).await;
    let arns: Vec<_> = match list {
        Ok(answer) => answer.saml_provider_list.into_iter().flatten().filter_map(|entry| entry.arn).collect(),
        Err(error) => return Listing::failed(error),
    };
    for_each(arns, |arn| async move {
        let send = |client: &Client| client.get_saml_provider().saml_provider_arn(&arn).send();
        let answer = iam.call("iam:GetSAMLProvider", send).await?;
        Ok(vec![SamlProvider::from_sdk(arn, answer)])
    })
    .await
}

pub(super) async fn oidc_providers(iam: &Iam) -> Listing<OidcProvider> {
    let list = iam
        .call("iam:ListOpenIDConnectProviders", |client| client.list_open_id_connect_providers().send())
        .await;
    let arns: Vec<_> = match list {
        Ok(answer) => {
            answer.open_id_connect_provider_list.into_iter().flatten().filter_map(|entry| entry.arn).collect()
        }
        Err(error) => return Listing::failed(error),
    };
    for_each(arns, |arn| async move {
        let send =
            |client: &Client| client.get_open_id_connect_provider().open_id_connect_provider_arn(&arn).send();
        let answer = iam.call("iam:GetOpenIDConnectProvider", send).await?;
        Ok(vec![OidcProvider::from_sdk(arn, answer)])
    })
    .await
}

/// Makes a call for each of `names`, in order. What was deleted meanwhile is skipped. A refusal before any success
/// stands for all; a passing failure, tried long enough by then, ends the list.
pub(super) async fn for_each<T, F, Fut>(names: Vec<String>, call: F) -> Listing<T>
where
    F: Fn(String) -> Fut,
    Fut: Future<Output = Result<Vec<T>, SourceError>>,
{
    let mut listing = Listing::default();
    let mut any_success = false;
    let mut results = stream::iter(names.into_iter().map(call)).buffered(AHEAD);
    while let Some(result) = results.next().await {
        match result {
            Ok(items) => {
                any_success = true;
                listing.items.extend(items);
            }
            Err(error) if is_absent(&error) => any_success = true,
            Err(error) => {
                let denied = matches!(error.root(), SourceError::Denied { .. });
                listing.problems.push(error);
                if !denied || !any_success {
                    break;
                }
            }
        }
    }
    listing
}
