//! From the SDK's types to the neutral ones. What is not recorded is dropped here, above all the seeds of virtual MFA
//! devices.

use aws_sdk_iam::types;
use aws_smithy_types::DateTime;
use serde_json::Value;

use crate::wire;

fn time(time: Option<DateTime>) -> Option<wire::Time> {
    time.as_ref().and_then(wire::Time::from_sdk)
}

fn list<T, U: From<T>>(items: Option<Vec<T>>) -> wire::List<U> {
    items.into_iter().flatten().map(U::from).collect()
}

impl From<types::UserDetail> for wire::User {
    fn from(user: types::UserDetail) -> Self {
        Self {
            path: user.path,
            user_name: user.user_name,
            user_id: user.user_id,
            arn: user.arn,
            create_date: time(user.create_date),
            user_policy_list: list(user.user_policy_list),
            group_list: list(user.group_list),
            attached_managed_policies: list(user.attached_managed_policies),
            permissions_boundary: user.permissions_boundary.map(Into::into),
            tags: list(user.tags),
        }
    }
}

impl From<types::GroupDetail> for wire::Group {
    fn from(group: types::GroupDetail) -> Self {
        Self {
            path: group.path,
            group_name: group.group_name,
            group_id: group.group_id,
            arn: group.arn,
            create_date: time(group.create_date),
            group_policy_list: list(group.group_policy_list),
            attached_managed_policies: list(group.attached_managed_policies),
        }
    }
}

impl From<types::RoleDetail> for wire::Role {
    fn from(role: types::RoleDetail) -> Self {
        Self {
            path: role.path,
            role_name: role.role_name,
            role_id: role.role_id,
            arn: role.arn,
            create_date: time(role.create_date),
            assume_role_policy_document: role.assume_role_policy_document.map(Value::String),
            instance_profile_list: list(role.instance_profile_list),
            role_policy_list: list(role.role_policy_list),
            attached_managed_policies: list(role.attached_managed_policies),
            permissions_boundary: role.permissions_boundary.map(Into::into),
            tags: list(role.tags),
            role_last_used: role.role_last_used.map(|used| wire::RoleLastUsed {
                last_used_date: time(used.last_used_date),
                region: used.region,
            }),
        }
    }
}

impl From<types::InstanceProfile> for wire::InstanceProfile {
    fn from(profile: types::InstanceProfile) -> Self {
        Self { arn: Some(profile.arn) }
    }
}

impl From<types::PolicyDetail> for wire::InlinePolicy {
    fn from(policy: types::PolicyDetail) -> Self {
        Self { policy_name: policy.policy_name, policy_document: policy.policy_document.map(Value::String) }
    }
}

impl From<types::AttachedPolicy> for wire::AttachedPolicy {
    fn from(policy: types::AttachedPolicy) -> Self {
        Self { policy_name: policy.policy_name, policy_arn: policy.policy_arn }
    }
}

impl From<types::AttachedPermissionsBoundary> for wire::Boundary {
    fn from(boundary: types::AttachedPermissionsBoundary) -> Self {
        Self { permissions_boundary_arn: boundary.permissions_boundary_arn }
    }
}

impl From<types::Tag> for wire::Tag {
    fn from(tag: types::Tag) -> Self {
        Self { key: tag.key, value: tag.value }
    }
}

impl From<types::ManagedPolicyDetail> for wire::ManagedPolicy {
    fn from(policy: types::ManagedPolicyDetail) -> Self {
        Self {
            policy_name: policy.policy_name,
            policy_id: policy.policy_id,
            arn: policy.arn,
            path: policy.path,
            default_version_id: policy.default_version_id,
            attachment_count: policy.attachment_count.map(Into::into),
            permissions_boundary_usage_count: policy.permissions_boundary_usage_count.map(Into::into),
            is_attachable: Some(policy.is_attachable),
            create_date: time(policy.create_date),
            update_date: time(policy.update_date),
            policy_version_list: list(policy.policy_version_list),
        }
    }
}

impl From<types::Policy> for wire::ManagedPolicy {
    fn from(policy: types::Policy) -> Self {
        Self {
            policy_name: policy.policy_name,
            policy_id: policy.policy_id,
            arn: policy.arn,
            path: policy.path,
            default_version_id: policy.default_version_id,
            attachment_count: policy.attachment_count.map(Into::into),
            permissions_boundary_usage_count: policy.permissions_boundary_usage_count.map(Into::into),
            is_attachable: Some(policy.is_attachable),
            create_date: time(policy.create_date),
            update_date: time(policy.update_date),
            policy_version_list: wire::List::default(),
        }
    }
}

impl From<types::PolicyVersion> for wire::PolicyVersion {
    fn from(version: types::PolicyVersion) -> Self {
        Self {
            document: version.document.map(Value::String),
            version_id: version.version_id,
            is_default_version: version.is_default_version,
            create_date: time(version.create_date),
        }
    }
}

impl From<types::User> for wire::ListedUser {
    fn from(user: types::User) -> Self {
        Self {
            user_name: Some(user.user_name),
            user_id: Some(user.user_id),
            password_last_used: time(user.password_last_used),
        }
    }
}

impl From<types::Role> for wire::ListedRole {
    fn from(role: types::Role) -> Self {
        Self {
            role_id: Some(role.role_id),
            description: role.description,
            max_session_duration: role.max_session_duration.map(Into::into),
        }
    }
}

impl From<types::PasswordPolicy> for wire::PasswordPolicy {
    fn from(policy: types::PasswordPolicy) -> Self {
        Self {
            minimum_password_length: policy.minimum_password_length.map(Into::into),
            require_symbols: policy.require_symbols,
            require_numbers: policy.require_numbers,
            require_uppercase_characters: policy.require_uppercase_characters,
            require_lowercase_characters: policy.require_lowercase_characters,
            allow_users_to_change_password: policy.allow_users_to_change_password,
            expire_passwords: policy.expire_passwords,
            max_password_age: policy.max_password_age.map(Into::into),
            password_reuse_prevention: policy.password_reuse_prevention.map(Into::into),
            hard_expiry: policy.hard_expiry,
        }
    }
}

impl wire::AccessKey {
    /// `None` without an id: AWS always gives one.
    pub(super) fn from_sdk(key: types::AccessKeyMetadata) -> Option<Self> {
        Some(Self {
            id: key.access_key_id?,
            user_name: key.user_name.unwrap_or_default(),
            status: key.status.map(|status| status.as_str().to_owned()),
            created_at: time(key.create_date),
        })
    }
}

impl From<types::MfaDevice> for wire::MfaDevice {
    fn from(device: types::MfaDevice) -> Self {
        Self {
            serial_number: device.serial_number,
            user_name: Some(device.user_name),
            enabled_at: time(Some(device.enable_date)),
        }
    }
}

impl From<types::VirtualMfaDevice> for wire::MfaDevice {
    fn from(device: types::VirtualMfaDevice) -> Self {
        let user_name = device.user.map(|user| {
            let is_root = user.arn.ends_with(":root");
            if is_root { crate::credential_report::ROOT_USER.to_owned() } else { user.user_name }
        });
        Self { serial_number: device.serial_number, user_name, enabled_at: time(device.enable_date) }
    }
}

impl From<types::SshPublicKeyMetadata> for wire::SshKey {
    fn from(key: types::SshPublicKeyMetadata) -> Self {
        Self {
            id: key.ssh_public_key_id,
            user_name: key.user_name,
            status: key.status.as_str().to_owned(),
            uploaded_at: time(Some(key.upload_date)),
        }
    }
}

impl From<types::SigningCertificate> for wire::SigningCertificate {
    fn from(certificate: types::SigningCertificate) -> Self {
        Self {
            id: certificate.certificate_id,
            user_name: certificate.user_name,
            status: certificate.status.as_str().to_owned(),
            uploaded_at: time(certificate.upload_date),
            body_blake3: blake3::hash(certificate.certificate_body.as_bytes()).to_hex().to_string(),
        }
    }
}

impl From<types::ServiceSpecificCredentialMetadata> for wire::ServiceCredential {
    fn from(credential: types::ServiceSpecificCredentialMetadata) -> Self {
        Self {
            id: credential.service_specific_credential_id,
            user_name: credential.user_name,
            service_name: credential.service_name,
            service_user_name: credential.service_user_name,
            alias: credential.service_credential_alias,
            status: credential.status.as_str().to_owned(),
            created_at: time(Some(credential.create_date)),
            expires_at: time(credential.expiration_date),
        }
    }
}

impl From<types::ServerCertificateMetadata> for wire::ServerCertificate {
    fn from(certificate: types::ServerCertificateMetadata) -> Self {
        Self {
            id: certificate.server_certificate_id,
            name: certificate.server_certificate_name,
            arn: certificate.arn,
            path: certificate.path,
            uploaded_at: time(certificate.upload_date),
            expires_at: time(certificate.expiration),
        }
    }
}

impl wire::SamlProvider {
    pub(super) fn from_sdk(
        arn: String,
        answer: aws_sdk_iam::operation::get_saml_provider::GetSamlProviderOutput,
    ) -> Self {
        Self {
            arn,
            uuid: answer.saml_provider_uuid,
            metadata: answer.saml_metadata_document,
            created_at: time(answer.create_date),
            valid_until: time(answer.valid_until),
            assertion_encryption: answer.assertion_encryption_mode.map(|mode| mode.as_str().to_owned()),
            private_key_ids: answer
                .private_key_list
                .into_iter()
                .flatten()
                .filter_map(|key| key.key_id)
                .collect(),
            tags: list(answer.tags).0,
        }
    }
}

impl wire::OidcProvider {
    pub(super) fn from_sdk(
        arn: String,
        answer: aws_sdk_iam::operation::get_open_id_connect_provider::GetOpenIdConnectProviderOutput,
    ) -> Self {
        Self {
            arn,
            url: answer.url,
            client_ids: answer.client_id_list.unwrap_or_default(),
            thumbprints: answer.thumbprint_list.unwrap_or_default(),
            created_at: time(answer.create_date),
            tags: list(answer.tags).0,
        }
    }
}
