//! Reads one account: as few calls as will do, each only if a wanted kind needs it.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use auditor_core::{
    error::SourceError,
    model::{Kind, common},
};

use super::{
    Iam, PolicyCache,
    lists::{self, for_each},
    policies,
    report::credential_report,
};
use crate::{
    counts::differences,
    credential_report::{CredentialReport, ReportCertificate, ReportKey, ReportRow},
    estate::{AccountProfile, Estate, Input, Listing, again},
    kinds,
    wire::{MfaDevice, Summary},
};

/// How to read an account.
pub(crate) struct ReadSettings<'a> {
    pub(crate) report_timeout: Duration,
    pub(crate) all_policies: bool,
    pub(crate) policy_cache: &'a PolicyCache,
}

/// Reads what the wanted kinds need. What cannot be read is part of the result.
pub(crate) async fn read_account(
    iam: &Iam,
    profile: AccountProfile,
    settings: &ReadSettings<'_>,
    wants: impl Fn(&'static Kind) -> bool,
) -> Estate {
    let any = |kinds: &[&'static Kind]| kinds.iter().any(|kind| wants(kind));
    let per_user = [&kinds::ACCESS_KEY, &kinds::MFA_DEVICE, &kinds::SIGNING_CERTIFICATE, &kinds::SSH_KEY];
    let spine = [&kinds::USER, &kinds::GROUP, &kinds::ROLE, &kinds::POLICY, &common::PRINCIPAL];
    let counted = [
        &kinds::ACCOUNT_SETTINGS,
        &kinds::MFA_DEVICE,
        &kinds::SAML_PROVIDER,
        &kinds::OIDC_PROVIDER,
        &kinds::SERVER_CERTIFICATE,
    ];
    let reported = [&kinds::USER, &kinds::CREDENTIAL, &common::PRINCIPAL];
    let mut estate = Estate::unread(profile);

    // Independent of each other; the caller bounds how many are under way. The report comes first: AWS needs a while.
    (
        estate.report,
        estate.details,
        estate.listed_users,
        estate.listed_roles,
        estate.summary,
        estate.password_policy,
        estate.aliases,
    ) = tokio::join!(
        input(any(&reported) || any(&per_user[..3]), credential_report(iam, settings.report_timeout)),
        input(any(&spine) || any(&per_user), lists::account_details(iam)),
        input(wants(&kinds::USER), lists::users(iam)),
        input(wants(&kinds::ROLE), lists::roles(iam)),
        input(any(&spine) || any(&counted), lists::summary(iam)),
        input(wants(&kinds::ACCOUNT_SETTINGS), lists::password_policy(iam)),
        input(wants(&kinds::ACCOUNT_SETTINGS) || wants(&common::ACCOUNT), lists::aliases(iam)),
    );
    if wants(&kinds::POLICY)
        && let Input::Known(details) = &mut estate.details
    {
        match policies::complete(iam, settings.policy_cache, details, settings.all_policies).await {
            Ok(problems) => estate.policy_problems = problems,
            Err(error) => estate.policy_problems.push(error),
        }
    }
    (estate.service_credentials, estate.server_certificates, estate.saml_providers, estate.oidc_providers) = tokio::join!(
        listing(wants(&kinds::SERVICE_CREDENTIAL), async { lists::service_credentials(iam).await.into() }),
        listing(wants(&kinds::SERVER_CERTIFICATE), async { lists::server_certificates(iam).await.into() }),
        listing(wants(&kinds::SAML_PROVIDER), lists::saml_providers(iam)),
        listing(wants(&kinds::OIDC_PROVIDER), lists::oidc_providers(iam)),
    );
    Box::pin(read_per_user(iam, &mut estate, &wants)).await;
    compare_counts(iam, &mut estate, &wants).await;
    estate
}

async fn input<T>(wanted: bool, read: impl Future<Output = Result<T, SourceError>>) -> Input<T> {
    if wanted { Box::pin(read).await.into() } else { Input::default() }
}

async fn listing<T>(wanted: bool, read: impl Future<Output = Listing<T>>) -> Listing<T> {
    if wanted { Box::pin(read).await } else { Listing::default() }
}

/// Credentials that AWS lists for one user at a time: asked only for users that have some, by the report.
async fn read_per_user(iam: &Iam, estate: &mut Estate, wants: &impl Fn(&'static Kind) -> bool) {
    let report = estate.report.known();
    let everyone = match &estate.details {
        Input::Known(details) => Ok(details),
        Input::Denied(error) | Input::Failed(error) => Err(error),
        Input::NotProvided(_) => return,
    };
    let with = |has: fn(&ReportRow) -> bool| -> Result<Vec<String>, SourceError> {
        let details = everyone.map_err(again)?;
        let wanted = details.users.iter().filter(|user| {
            let created_at = user.create_date.map(|time| time.0);
            let name = user.user_name.as_deref().unwrap_or_default();
            report.and_then(|report: &CredentialReport| report.user(name, created_at)).is_none_or(has)
        });
        Ok(wanted.filter_map(|user| user.user_name.clone()).collect::<BTreeSet<_>>().into_iter().collect())
    };
    let with_keys = with(|row| row.access_keys.iter().any(ReportKey::exists));
    let with_certificates = with(|row| row.certificates.iter().any(ReportCertificate::exists));
    let with_mfa = with(|row| row.mfa_active != Some(false));
    let all = with(|_| true);

    let (access_keys, certificates, ssh_keys, mfa_devices) = tokio::join!(
        listing(wants(&kinds::ACCESS_KEY), per_user(with_keys, |user| lists::access_keys(iam, user))),
        listing(
            wants(&kinds::SIGNING_CERTIFICATE),
            per_user(with_certificates, |user| lists::signing_certificates(iam, user))
        ),
        listing(wants(&kinds::SSH_KEY), per_user(all, |user| lists::ssh_keys(iam, user))),
        listing(wants(&kinds::MFA_DEVICE), async {
            let mut devices: Listing<MfaDevice> = lists::virtual_mfa_devices(iam).await.into();
            devices.extend(per_user(with_mfa, |user| lists::mfa_devices(iam, user)).await);
            // A virtual device is in both lists.
            let mut seen = HashSet::new();
            devices.items.retain(|device| seen.insert(device.serial_number.clone()));
            devices
        }),
    );
    estate.access_keys = access_keys;
    estate.signing_certificates = certificates;
    estate.ssh_keys = ssh_keys;
    estate.mfa_devices = mfa_devices;
}

async fn per_user<T, Fut>(users: Result<Vec<String>, SourceError>, call: impl Fn(String) -> Fut) -> Listing<T>
where
    Fut: Future<Output = Result<Vec<T>, SourceError>>,
{
    match users {
        Ok(users) => for_each(users, call).await,
        Err(error) => Listing::failed(error),
    }
}

/// Compares AWS's own counts with what was read. Something may have been made or deleted between the two: where they
/// differ, AWS is asked once more.
async fn compare_counts(iam: &Iam, estate: &mut Estate, wants: &impl Fn(&'static Kind) -> bool) {
    let differing = |summary: &Summary| differences(estate, summary, wants);
    let Some(first) = estate.summary.known().map(differing).filter(|found| !found.is_empty()) else { return };
    estate.differences = match lists::summary(iam).await {
        Ok(again) => {
            let second = differing(&again);
            first.into_iter().filter(|one| second.iter().any(|other| other.key == one.key)).collect()
        }
        Err(_) => first,
    };
}
