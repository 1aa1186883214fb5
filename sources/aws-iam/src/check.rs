//! `auditor check`: one cheap call per permission.

use std::future::Future;

use auditor_aws_common::{check_item as item, code_of};
use auditor_core::{
    error::{SourceError, chain},
    sink::CheckItem,
};
use aws_sdk_iam::Client;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::{
    client::{Iam, is_absent, is_report_not_ready},
    estate::{Estate, Input},
};

/// A user that does not exist: AWS looks at permissions first, so that `NoSuchEntity` means permitted.
const NOBODY: &str = "auditor-check-of-permissions";

/// What offline files hold.
pub(crate) fn files(on: &str, read: Result<Estate, SourceError>) -> Vec<CheckItem> {
    let estate = match read {
        Ok(estate) => estate,
        Err(error) => return vec![item("read export files", on, Err(error))],
    };
    vec![
        input_item("account authorization details", on, &estate.details),
        input_item("credential report", on, &estate.report),
        input_item("account summary", on, &estate.summary),
        input_item("password policy", on, &estate.password_policy),
        input_item("account aliases", on, &estate.aliases),
    ]
}

fn input_item<T>(what: &str, on: &str, input: &Input<T>) -> CheckItem {
    match input {
        Input::Known(_) => CheckItem::ok(what, on),
        Input::Denied(error) | Input::Failed(error) => CheckItem::failed(what, on, chain(error)),
        Input::NotProvided(gap) => {
            let hint = gap.as_ref().and_then(|gap| gap.hint.clone()).unwrap_or_default();
            CheckItem::failed(what, on, format!("not provided; {hint}"))
        }
    }
}

/// Tries every permission, in the order of the calls of a collection.
pub(crate) async fn permissions(iam: &Iam, on: &str, partition: &str) -> Vec<CheckItem> {
    let provider = |sort: &str| format!("arn:{partition}:iam::000000000000:{sort}/{NOBODY}");
    let (saml, oidc) = (provider("saml-provider"), provider("oidc-provider"));
    let policy = format!("arn:{partition}:iam::aws:policy/ReadOnlyAccess");
    let (policy, saml, oidc) = (policy.as_str(), saml.as_str(), oidc.as_str());
    vec![
        probe(iam, on, "iam:GetAccountAuthorizationDetails", |client| {
            client.get_account_authorization_details().max_items(1).send()
        })
        .await,
        probe(iam, on, "iam:GenerateCredentialReport", |client| client.generate_credential_report().send())
            .await,
        probe(iam, on, "iam:GetCredentialReport", |client| client.get_credential_report().send()).await,
        probe(iam, on, "iam:ListUsers", |client| client.list_users().max_items(1).send()).await,
        probe(iam, on, "iam:ListRoles", |client| client.list_roles().max_items(1).send()).await,
        probe(iam, on, "iam:GetAccountSummary", |client| client.get_account_summary().send()).await,
        probe(iam, on, "iam:GetAccountPasswordPolicy", |client| client.get_account_password_policy().send())
            .await,
        probe(iam, on, "iam:ListAccountAliases", |client| client.list_account_aliases().send()).await,
        probe(iam, on, "iam:GetPolicy", |client| client.get_policy().policy_arn(policy).send()).await,
        probe(iam, on, "iam:GetPolicyVersion", |client| {
            client.get_policy_version().policy_arn(policy).version_id("v1").send()
        })
        .await,
        probe(iam, on, "iam:ListPolicies", |client| client.list_policies().max_items(1).send()).await,
        probe(iam, on, "iam:ListPolicyVersions", |client| {
            client.list_policy_versions().policy_arn(policy).max_items(1).send()
        })
        .await,
        probe(iam, on, "iam:ListAccessKeys", |client| client.list_access_keys().user_name(NOBODY).send())
            .await,
        probe(iam, on, "iam:ListMFADevices", |client| client.list_mfa_devices().user_name(NOBODY).send())
            .await,
        probe(iam, on, "iam:ListVirtualMFADevices", |client| {
            client.list_virtual_mfa_devices().max_items(1).send()
        })
        .await,
        probe(iam, on, "iam:ListSSHPublicKeys", |client| {
            client.list_ssh_public_keys().user_name(NOBODY).send()
        })
        .await,
        probe(iam, on, "iam:ListSigningCertificates", |client| {
            client.list_signing_certificates().user_name(NOBODY).send()
        })
        .await,
        probe(iam, on, "iam:ListServiceSpecificCredentials", |client| {
            client.list_service_specific_credentials().all_users(true).send()
        })
        .await,
        probe(iam, on, "iam:ListServerCertificates", |client| {
            client.list_server_certificates().max_items(1).send()
        })
        .await,
        probe(iam, on, "iam:ListSAMLProviders", |client| client.list_saml_providers().send()).await,
        probe(iam, on, "iam:GetSAMLProvider", |client| {
            client.get_saml_provider().saml_provider_arn(saml).send()
        })
        .await,
        probe(iam, on, "iam:ListOpenIDConnectProviders", |client| {
            client.list_open_id_connect_providers().send()
        })
        .await,
        probe(iam, on, "iam:GetOpenIDConnectProvider", |client| {
            client.get_open_id_connect_provider().open_id_connect_provider_arn(oidc).send()
        })
        .await,
    ]
}

async fn probe<T, E, F, Fut>(iam: &Iam, on: &str, action: &'static str, send: F) -> CheckItem
where
    F: Fn(&Client) -> Fut,
    Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let result = match iam.call(action, send).await {
        Err(error) if is_permitted(&error) => Ok(()),
        result => result.map(drop),
    };
    item(action, on, result)
}

/// Whether AWS got as far as looking for what was asked for.
fn is_permitted(error: &SourceError) -> bool {
    let code = code_of(error).unwrap_or_default();
    is_absent(error) || is_report_not_ready(error) || ["InvalidInput", "ValidationError"].contains(&code)
}
