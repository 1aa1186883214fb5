//! Invented accounts, the same for the same seed.

use chrono::{Days, TimeDelta, TimeZone as _, Utc};
use rand::{Rng, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::json;

use super::{
    documents::{AWS_POLICIES, allow, document, trust},
    estate::{
        Access, AccessKey, Account, Group, IdStatus, InlinePolicy, KeyUse, MfaDevice, OidcProvider, Password,
        PasswordPolicy, Policy, PolicyVersion, Report, Role, Root, RootMfa, SamlProvider, ServerCertificate,
        ServiceCredential, Time, User,
    },
};

/// How many of each an invented account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Users.
    pub users: usize,
    /// Groups.
    pub groups: usize,
    /// Roles.
    pub roles: usize,
    /// Customer-managed policies.
    pub policies: usize,
    /// About how many bytes a policy document has.
    pub document_bytes: usize,
}

impl Size {
    /// Enough of everything to be interesting, small enough to read.
    pub const SMALL: Self = Self { users: 8, groups: 3, roles: 7, policies: 4, document_bytes: 200 };

    /// About `resources` users, groups, roles and policies together, in proportions seen in large accounts, with
    /// documents of about 1 KB.
    pub fn of(resources: usize) -> Self {
        let part = |percent: usize| (resources * percent / 100).max(1);
        Self { users: part(25), groups: part(5), roles: part(50), policies: part(20), document_bytes: 1_000 }
    }
}

/// The first day of every invented estate.
pub(super) fn first_day() -> Time {
    Utc.with_ymd_and_hms(2026, 6, 1, 6, 0, 0).single().expect("a valid date")
}

/// The random numbers of one account on one day.
pub(super) fn random(seed: u64, account: usize, day: u32) -> StdRng {
    let mixed = seed
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add((account as u64).wrapping_mul(0xD1B5_4A32_D192_ED03))
        .wrapping_add(u64::from(day) << 48);
    StdRng::seed_from_u64(mixed)
}

/// Invents the account of that id.
pub(super) fn account(id: &str, seed: u64, index: usize, size: Size) -> Account {
    let mut make = Make { id: id.to_owned(), random: random(seed, index, 0), size };
    let policies: Vec<_> = (0..size.policies).map(|n| make.policy(n)).collect();
    let groups: Vec<_> = (0..size.groups).map(|n| make.group(n)).collect();
    let users = (0..size.users).map(|n| make.user(n, &groups, &policies)).collect();
    let roles = (0..size.roles).map(|n| make.role(n, &policies)).collect();
    let created = make.past(2_000, 3_000);
    Account {
        id: id.to_owned(),
        name: format!("example-{index:04}"),
        partition: "aws".to_owned(),
        state: "ACTIVE".to_owned(),
        alias: Some(format!("example-{index:04}-alias")),
        access: Access { role_name: "auditor".to_owned(), external_id: None, assumable: true },
        report: Report::ReadyAfter(1),
        root: Root {
            mfa: [Some(RootMfa::Hardware), Some(RootMfa::Virtual), None][index % 3],
            access_key: index % 4 == 3,
            password_last_used: (index % 2 == 1).then(|| make.past(30, 900)),
            created,
        },
        password_policy: (index % 5 != 4).then_some(PasswordPolicy {
            minimum_length: 14,
            max_age_days: index.is_multiple_of(2).then_some(90),
            reuse_prevention: Some(24),
            complex: true,
        }),
        users,
        groups,
        roles,
        policies,
        saml_providers: vec![SamlProvider {
            name: "example-idp".to_owned(),
            created,
            valid_until: first_day() + Days::new(400),
            metadata: format!("<EntityDescriptor entityID=\"https://idp.example.com/{id}\"/>"),
        }],
        oidc_providers: vec![OidcProvider {
            url: "token.example.com".to_owned(),
            client_ids: vec!["sts.amazonaws.com".to_owned()],
            thumbprints: vec!["0123456789abcdef0123456789abcdef01234567".to_owned()],
            created,
        }],
        server_certificates: vec![ServerCertificate {
            name: "example-tls".to_owned(),
            id: make.unique("ASCA"),
            uploaded: created,
            expires: first_day() + Days::new(20),
        }],
    }
}

/// Makes the parts of one account.
pub(super) struct Make {
    id: String,
    random: StdRng,
    size: Size,
}

impl Make {
    /// Goes on with an account that exists.
    pub(super) fn more(id: &str, random: StdRng, size: Size) -> Self {
        Self { id: id.to_owned(), random, size }
    }

    /// A unique id as AWS makes them: a prefix and capital letters and digits, 21 characters in all.
    pub(super) fn unique(&mut self, prefix: &str) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let rest =
            (prefix.len()..21).map(|_| char::from(*LETTERS.choose(&mut self.random).expect("32 letters")));
        prefix.chars().chain(rest).collect()
    }

    fn past(&mut self, from_days: i64, to_days: i64) -> Time {
        let seconds = self.random.random_range(from_days * 86_400..to_days * 86_400);
        first_day() - TimeDelta::seconds(seconds)
    }

    fn arn(&self, resource: &str) -> String {
        format!("arn:aws:iam::{}:{resource}", self.id)
    }

    /// A document of about the asked size, with characters that decoding gets wrong easily.
    pub(super) fn document(&mut self) -> String {
        let service = *["s3", "sqs", "sns", "dynamodb"].choose(&mut self.random).expect("four services");
        let action = *["Get*", "List*", "Put*", "*"].choose(&mut self.random).expect("four actions");
        let mut resources = vec!["arn:aws:s3:::example+bucket/50%25/${aws:username}/ü".to_owned()];
        while resources.len() * 45 < self.size.document_bytes {
            let number: u32 = self.random.random();
            resources.push(format!("arn:aws:{service}:::example-{number:010}/*"));
        }
        let resources: Vec<_> = resources.iter().map(String::as_str).collect();
        allow(&[&format!("{service}:{action}")], &resources)
    }

    pub(super) fn policy(&mut self, n: usize) -> Policy {
        let created = self.past(300, 1_500);
        let versions = (1..=n % 3 + 1)
            .map(|version| PolicyVersion {
                id: format!("v{version}"),
                document: self.document(),
                created: created + Days::new(version as u64 * 10),
            })
            .collect();
        Policy {
            name: if n == 0 { "boundary-developers".to_owned() } else { format!("policy-{n:04}") },
            id: self.unique("ANPA"),
            path: if n % 4 == 1 { "/team/".to_owned() } else { "/".to_owned() },
            description: n.is_multiple_of(2).then(|| format!("Policy {n} & what it is for")),
            created,
            versions,
        }
    }

    fn group(&mut self, n: usize) -> Group {
        let (name, attached) = match n {
            0 => ("admins".to_owned(), "arn:aws:iam::aws:policy/AdministratorAccess"),
            1 => ("developers".to_owned(), "arn:aws:iam::aws:policy/PowerUserAccess"),
            _ => (format!("group-{n:04}"), "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        };
        Group {
            name,
            id: self.unique("AGPA"),
            path: "/".to_owned(),
            created: self.past(500, 1_500),
            inline: self.inline(n % 2 == 1),
            attached: vec![attached.to_owned()],
        }
    }

    fn inline(&mut self, wanted: bool) -> Vec<InlinePolicy> {
        if wanted {
            vec![InlinePolicy { name: "inline".to_owned(), document: self.document() }]
        } else {
            Vec::new()
        }
    }

    /// One of the account's own policies that is not the boundary, or an AWS-managed one.
    fn attached(&mut self, policies: &[Policy]) -> Vec<String> {
        let own: Vec<_> = policies.iter().skip(1).collect();
        match own.choose(&mut self.random) {
            Some(policy) if self.random.random_bool(0.7) => {
                vec![self.arn(&format!("policy{}{}", policy.path, policy.name))]
            }
            _ => {
                // The last one is kept for boundaries.
                let attachable = &AWS_POLICIES[..AWS_POLICIES.len() - 1];
                let managed = attachable.choose(&mut self.random).expect("some policies");
                vec![format!("arn:aws:iam::aws:policy{}", managed.path_and_name)]
            }
        }
    }

    pub(super) fn user(&mut self, n: usize, groups: &[Group], policies: &[Policy]) -> User {
        let machine = n % 4 == 3;
        let name = if machine { format!("svc-{n:04}") } else { format!("person-{n:04}") };
        let created = self.past(200, 1_400);
        let mut keys = Vec::new();
        if machine || n % 5 == 1 {
            keys.push(self.key(created));
        }
        if n % 6 == 3 {
            keys.push(AccessKey { active: false, last_used: None, ..self.key(created) });
        }
        let mfa = if !machine && n % 3 != 1 {
            vec![MfaDevice { serial: self.arn(&format!("mfa/{name}")), enabled: created + Days::new(1) }]
        } else {
            Vec::new()
        };
        let memberships = groups.iter().enumerate().filter(|(g, _)| !machine && n.is_multiple_of(g + 2));
        User {
            id: self.unique("AIDA"),
            path: if n % 5 == 4 { "/people/".to_owned() } else { "/".to_owned() },
            created,
            groups: memberships.map(|(_, group)| group.name.clone()).collect(),
            inline: self.inline(n % 7 == 3),
            attached: if machine { self.attached(policies) } else { Vec::new() },
            boundary: match n % 8 {
                2 => policies.first().map(|policy| self.arn(&format!("policy/{}", policy.name))),
                // In force nowhere but as a boundary, so that the spine call leaves its document out.
                6 => Some("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess".to_owned()),
                _ => None,
            },
            tags: vec![
                ("owner".to_owned(), format!("owner-{:02}@example.com", n % 17)),
                ("Kostenstelle".to_owned(), format!("Köln {n}")),
            ],
            password: (!machine).then(|| Password {
                changed: created + Days::new(30),
                last_used: (n % 9 != 8).then(|| self.past(1, 190)),
            }),
            keys,
            mfa,
            ssh_keys: self.id_status(n % 10 == 5, "APKA", created),
            certificates: self.id_status(n % 12 == 7, "TNWG", created),
            service_credentials: if n % 8 == 5 { vec![self.service_credential(created)] } else { Vec::new() },
            name,
        }
    }

    pub(super) fn key(&mut self, created: Time) -> AccessKey {
        let last_used = self.random.random_bool(0.8).then(|| KeyUse {
            at: self.past(1, 150),
            service: "s3".to_owned(),
            region: "eu-central-1".to_owned(),
        });
        AccessKey { id: self.unique("AKIA").chars().take(20).collect(), active: true, created, last_used }
    }

    fn id_status(&mut self, wanted: bool, prefix: &str, uploaded: Time) -> Vec<IdStatus> {
        if wanted { vec![IdStatus { id: self.unique(prefix), active: true, uploaded }] } else { Vec::new() }
    }

    fn service_credential(&mut self, created: Time) -> ServiceCredential {
        ServiceCredential {
            id: self.unique("ACCA"),
            service: "codecommit.amazonaws.com".to_owned(),
            active: true,
            created,
            expires: None,
        }
    }

    pub(super) fn role(&mut self, n: usize, policies: &[Policy]) -> Role {
        let (name, path, trust) = match n {
            0 => ("auditor".to_owned(), "/", trust(json!({"AWS": super::HUB_ARN}), "sts:AssumeRole")),
            1 => (
                "partner-access".to_owned(),
                "/",
                document(json!([{
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"sts:ExternalId": "partner+1"}},
                }])),
            ),
            2 => (
                "AWSReservedSSO_Admins_0123456789abcdef".to_owned(),
                "/aws-reserved/sso.amazonaws.com/",
                trust(json!({"Federated": self.arn("saml-provider/example-idp")}), "sts:AssumeRoleWithSAML"),
            ),
            3 => (
                "deploy".to_owned(),
                "/ci/",
                trust(
                    json!({"Federated": self.arn("oidc-provider/token.example.com")}),
                    "sts:AssumeRoleWithWebIdentity",
                ),
            ),
            4 => {
                ("orphaned".to_owned(), "/", trust(json!({"AWS": "AROAEXAMPLEDELETED001"}), "sts:AssumeRole"))
            }
            _ if n.is_multiple_of(2) => (
                format!("lambda-{n:04}"),
                "/service-role/",
                trust(json!({"Service": "lambda.amazonaws.com"}), "sts:AssumeRole"),
            ),
            _ => {
                (format!("ec2-{n:04}"), "/", trust(json!({"Service": "ec2.amazonaws.com"}), "sts:AssumeRole"))
            }
        };
        Role {
            id: self.unique("AROA"),
            path: path.to_owned(),
            created: self.past(100, 1_500),
            trust,
            inline: self.inline(n % 3 == 2),
            attached: self.attached(policies),
            boundary: (n % 6 == 3)
                .then(|| policies.first().map(|policy| self.arn(&format!("policy/{}", policy.name))))
                .flatten(),
            tags: vec![("team".to_owned(), format!("team-{}", n % 5))],
            description: (n % 2 == 1).then(|| format!("Role <{n}> of \"{name}\"")),
            max_session: if n.is_multiple_of(4) { 43_200 } else { 3_600 },
            last_used: (!n.is_multiple_of(3)).then(|| (self.past(1, 300), "eu-central-1".to_owned())),
            instance_profile: name.starts_with("ec2-"),
            name,
        }
    }
}
