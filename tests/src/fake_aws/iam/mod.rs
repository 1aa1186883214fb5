//! IAM: the calls an auditor makes.

mod account;
mod details;
mod entities;
mod policies;
mod users;

use super::{
    estate::{Account, User},
    paging::Page,
    server::{ApiError, Call, Shared},
    xml::Xml,
};

pub(super) fn perform(call: &Call, account: &Account, shared: &Shared) -> Result<Xml, ApiError> {
    let request = Request { call, account, shared };
    match call.action.as_str() {
        "GetAccountAuthorizationDetails" => details::get(&request),
        "ListUsers" => entities::list_users(&request),
        "ListGroups" => entities::list_groups(&request),
        "ListRoles" => entities::list_roles(&request),
        "ListPolicies" => policies::list_policies(&request),
        "ListPolicyVersions" => policies::list_policy_versions(&request),
        "GetPolicy" => policies::get_policy(&request),
        "GetPolicyVersion" => policies::get_policy_version(&request),
        "GenerateCredentialReport" => Ok(shared.reports.generate(account)),
        "GetCredentialReport" => shared.reports.get(account),
        "GetAccountSummary" => Ok(account::summary(account)),
        "GetAccountPasswordPolicy" => account::password_policy(account),
        "ListAccountAliases" => account::aliases(&request),
        "ListSAMLProviders" => Ok(account::list_saml(account)),
        "GetSAMLProvider" => account::get_saml(&request),
        "ListOpenIDConnectProviders" => Ok(account::list_oidc(account)),
        "GetOpenIDConnectProvider" => account::get_oidc(&request),
        "ListServerCertificates" => account::server_certificates(&request),
        "ListVirtualMFADevices" => users::list_virtual_mfa_devices(&request),
        "ListServiceSpecificCredentials" => users::list_service_credentials(&request),
        "ListAccessKeys" => users::list_access_keys(&request),
        "GetAccessKeyLastUsed" => users::get_access_key_last_used(&request),
        "ListMFADevices" => users::list_mfa_devices(&request),
        "ListSSHPublicKeys" => users::list_ssh_keys(&request),
        "ListSigningCertificates" => users::list_certificates(&request),
        other => Err(ApiError::new(
            400,
            "InvalidAction",
            format!("Could not find operation {other} for version 2010-05-08"),
        )),
    }
}

/// A call and what answers it.
struct Request<'a> {
    call: &'a Call,
    account: &'a Account,
    shared: &'a Shared,
}

impl Request<'_> {
    /// The page asked for, of `total` items.
    fn page(&self, total: usize) -> Result<Page, ApiError> {
        let asked = self.call.number("MaxItems")?;
        if asked.is_some_and(|asked| !(1..=1_000).contains(&asked)) {
            return Err(ApiError::validation("Value at 'maxItems' failed to satisfy constraint"));
        }
        self.shared.paging.page(total, self.call.param("Marker"), asked)
    }

    /// A paged list.
    fn paged<T>(&self, name: &str, items: &[T], member: impl FnMut(&mut Xml, &T)) -> Result<Xml, ApiError> {
        let page = self.page(items.len())?;
        let mut xml = Xml::default();
        xml.list(name, &items[page.range.clone()], member);
        page.write(&mut xml);
        Ok(xml)
    }

    /// The user that `UserName` names.
    fn user(&self) -> Result<&User, ApiError> {
        let name = self.call.required("UserName")?;
        self.account
            .users
            .iter()
            .find(|user| user.name == name)
            .ok_or_else(|| ApiError::no_such_entity(format!("The user with name {name} cannot be found.")))
    }
}
