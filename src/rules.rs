//! The rules: the table of all of them, and choosing those that run.

mod absence;
mod access;
mod added_capability;
mod allow_all_network_policy;
mod api;
mod apparmor_disabled;
mod cached_mutable_image;
mod capabilities_not_dropped;
mod catch_all_ingress;
mod cluster_admin_binding;
mod committed_secret;
mod config;
mod contested_replicas;
mod cpu_limit_set;
mod dangerous_capability;
mod dangling_backend;
mod dangling_claim;
mod dangling_config_map;
mod dangling_issuer;
mod dangling_policy_selector;
mod dangling_port_name;
mod dangling_rbac_reference;
mod dangling_scale_target;
mod dangling_secret;
mod dangling_service_account;
mod dangling_service_monitor;
mod dangling_service_selector;
mod dangling_statefulset_service;
mod dangling_volume_mount;
mod database_without_backup;
mod decimal_file_mode;
mod default_namespace;
mod default_service_account_binding;
mod deprecated_api;
mod deprecated_field;
mod deprecated_kustomization_field;
mod development_setting;
mod dns_blocked_by_network_policy;
mod duplicate_env_var;
mod duplicate_ingress_route;
mod duplicate_key;
mod duplicate_object;
mod ephemeral_database;
mod example_host;
mod excessive_body_size;
mod exposed_service;
mod exposed_token;
mod floating_version_tag;
mod fragile_liveness_probe;
mod globs;
mod hardcoded_secret;
mod hash_suffix_disabled;
mod heap_exceeds_memory_limit;
mod hidden_character;
mod host_in_probe;
mod host_namespace;
mod host_path_volume;
mod host_port;
mod hpa_without_requests;
mod ignored_ingress_annotation;
mod image;
mod image_without_digest;
mod implicit_rollout_settings;
mod ineffective_patch;
mod ingress_host_without_tls;
mod ingress_without_tls;
mod invalid_body_size;
mod invalid_cron_schedule;
mod invalid_image_reference;
mod invalid_ingress_path;
mod invalid_metadata;
mod invalid_port;
mod invalid_probe;
mod invalid_quantity;
mod invalid_restart_policy;
mod invalid_suppression;
mod invalid_yaml;
mod job_without_ttl;
mod kustomize;
mod listening;
mod liveness_checks_readiness;
mod load;
mod localhost_endpoint;
mod lossy_number;
mod low_user_id;
mod missing_autoscaler;
mod missing_body_size;
mod missing_config_key;
mod missing_cpu_limit;
mod missing_job_deadline;
mod missing_liveness_probe;
mod missing_memory_limit;
mod missing_network_policy;
mod missing_pdb;
mod missing_pod_spread;
mod missing_rate_limit;
mod missing_readiness_probe;
mod missing_required_env;
mod missing_required_metadata;
mod missing_resource_requests;
mod missing_run_as_non_root;
mod missing_seccomp_profile;
mod monitoring;
mod mutable_image_tag;
mod naked_pod;
mod namespace_without_pod_security;
mod namespaces;
mod network;
mod network_tls;
mod non_core_volume;
mod non_production_endpoint;
mod non_root_contradiction;
mod non_string_value;
mod overlapping_job_runs;
mod partial_namespace;
mod paused_workload;
mod pdb_blocks_eviction;
mod permissive_cors;
mod placeholder_value;
mod plain_http_allowed;
mod privilege_escalation;
mod privileged_container;
mod probe;
mod rbac_escalation;
mod rbac_secret_access;
mod rbac_sensitive_grant;
mod recreate_strategy;
mod rejected_object;
mod reliability;
mod removed_api;
mod request_exceeds_limit;
mod resource;
mod retired_image;
mod revision_history_disabled;
mod rollout_takes_all_down;
mod run_as_root_user;
mod seccomp_disabled;
mod secret;
mod secret_as_env;
mod secret_in_config_map;
mod security;
mod selection;
mod selector_mismatch;
mod selinux_options;
mod sensitive_host_path;
mod server_managed_field;
mod service_account_token_mounted;
mod shared_single_node_volume;
mod short_grace_period;
mod staging_issuer;
mod storage;
mod suppression_without_reason;
mod system_group_binding;
mod tls_verification_disabled;
mod too_few_replicas;
mod unconfigured_container;
mod undeclared_port_number;
mod unmasked_proc_mount;
mod unmatched_image;
mod unmatched_target;
mod unmonitored_workload;
mod unpinned_remote;
mod unreached_name_reference;
mod unrenderable_kustomization;
mod unresolved_env_reference;
mod unsafe_ingress_annotation;
mod unsafe_sysctl;
mod untrusted_registry;
mod unused_kustomization_file;
mod unused_suppression;
mod volatile_selector_label;
mod wildcard_rbac_rule;
mod windows_host_process;
mod writable_root_filesystem;

pub mod pss;

use serde::de::DeserializeOwned;

use crate::rule::{Page, Rule, Shape};

/// A rule of the table: its page, and how to make it from options.
pub struct Registered {
    /// Its page.
    pub page: Page,
    make: fn(serde_json::Value) -> Result<Box<dyn Rule>, String>,
    shape: fn() -> Shape,
}

impl Registered {
    /// The rule with these options (a JSON object; null or empty for the defaults).
    ///
    /// # Errors
    /// An unknown option or a wrong type, in words.
    pub fn make(&self, options: serde_json::Value) -> Result<Box<dyn Rule>, String> {
        (self.make)(options)
    }

    /// The names and types of its options.
    pub fn options(&self) -> Vec<(&'static str, Shape)> {
        match (self.shape)() {
            Shape::Fields(fields) => fields,
            _ => Vec::new(),
        }
    }
}

/// All rules, sorted by id.
pub struct Registry {
    /// The rules.
    pub rules: Vec<Registered>,
}

impl Registry {
    /// The built-in rules.
    pub fn builtin() -> Self {
        let mut rules = table();
        rules.sort_by(|a, b| a.page.id.cmp(b.page.id));
        Registry { rules }
    }

    /// The rule of this id.
    pub fn get(&self, id: &str) -> Option<&Registered> {
        let at = self.rules.binary_search_by(|r| r.page.id.cmp(id)).ok()?;
        self.rules.get(at)
    }
}

/// One line a rule, by category.
#[rustfmt::skip]
fn table() -> Vec<Registered> {
    vec![
        // image
        entry::<mutable_image_tag::MutableImageTag>(include_str!("../rules/mutable-image-tag.md")),
        entry::<floating_version_tag::FloatingVersionTag>(include_str!("../rules/floating-version-tag.md")),
        entry::<image_without_digest::ImageWithoutDigest>(include_str!("../rules/image-without-digest.md")),
        entry::<invalid_image_reference::InvalidImageReference>(include_str!("../rules/invalid-image-reference.md")),
        entry::<cached_mutable_image::CachedMutableImage>(include_str!("../rules/cached-mutable-image.md")),
        entry::<retired_image::RetiredImage>(include_str!("../rules/retired-image.md")),
        entry::<untrusted_registry::UntrustedRegistry>(include_str!("../rules/untrusted-registry.md")),
        // probe
        entry::<missing_readiness_probe::MissingReadinessProbe>(include_str!("../rules/missing-readiness-probe.md")),
        entry::<missing_liveness_probe::MissingLivenessProbe>(include_str!("../rules/missing-liveness-probe.md")),
        entry::<liveness_checks_readiness::LivenessChecksReadiness>(include_str!("../rules/liveness-checks-readiness.md")),
        entry::<fragile_liveness_probe::FragileLivenessProbe>(include_str!("../rules/fragile-liveness-probe.md")),
        entry::<invalid_probe::InvalidProbe>(include_str!("../rules/invalid-probe.md")),
        // resource
        entry::<missing_resource_requests::MissingResourceRequests>(include_str!("../rules/missing-resource-requests.md")),
        entry::<missing_memory_limit::MissingMemoryLimit>(include_str!("../rules/missing-memory-limit.md")),
        entry::<missing_cpu_limit::MissingCpuLimit>(include_str!("../rules/missing-cpu-limit.md")),
        entry::<cpu_limit_set::CpuLimitSet>(include_str!("../rules/cpu-limit-set.md")),
        entry::<request_exceeds_limit::RequestExceedsLimit>(include_str!("../rules/request-exceeds-limit.md")),
        entry::<invalid_quantity::InvalidQuantity>(include_str!("../rules/invalid-quantity.md")),
        entry::<heap_exceeds_memory_limit::HeapExceedsMemoryLimit>(include_str!("../rules/heap-exceeds-memory-limit.md")),
        // security
        entry::<host_namespace::HostNamespace>(include_str!("../rules/host-namespace.md")),
        entry::<privileged_container::PrivilegedContainer>(include_str!("../rules/privileged-container.md")),
        entry::<run_as_root_user::RunAsRootUser>(include_str!("../rules/run-as-root-user.md")),
        entry::<missing_run_as_non_root::MissingRunAsNonRoot>(include_str!("../rules/missing-run-as-non-root.md")),
        entry::<non_root_contradiction::NonRootContradiction>(include_str!("../rules/non-root-contradiction.md")),
        entry::<privilege_escalation::PrivilegeEscalation>(include_str!("../rules/privilege-escalation.md")),
        entry::<writable_root_filesystem::WritableRootFilesystem>(include_str!("../rules/writable-root-filesystem.md")),
        entry::<sensitive_host_path::SensitiveHostPath>(include_str!("../rules/sensitive-host-path.md")),
        entry::<dangerous_capability::DangerousCapability>(include_str!("../rules/dangerous-capability.md")),
        entry::<host_path_volume::HostPathVolume>(include_str!("../rules/host-path-volume.md")),
        entry::<host_port::HostPort>(include_str!("../rules/host-port.md")),
        entry::<apparmor_disabled::ApparmorDisabled>(include_str!("../rules/apparmor-disabled.md")),
        entry::<selinux_options::SelinuxOptions>(include_str!("../rules/selinux-options.md")),
        entry::<unmasked_proc_mount::UnmaskedProcMount>(include_str!("../rules/unmasked-proc-mount.md")),
        entry::<seccomp_disabled::SeccompDisabled>(include_str!("../rules/seccomp-disabled.md")),
        entry::<unsafe_sysctl::UnsafeSysctl>(include_str!("../rules/unsafe-sysctl.md")),
        entry::<windows_host_process::WindowsHostProcess>(include_str!("../rules/windows-host-process.md")),
        entry::<host_in_probe::HostInProbe>(include_str!("../rules/host-in-probe.md")),
        entry::<non_core_volume::NonCoreVolume>(include_str!("../rules/non-core-volume.md")),
        entry::<missing_seccomp_profile::MissingSeccompProfile>(include_str!("../rules/missing-seccomp-profile.md")),
        entry::<capabilities_not_dropped::CapabilitiesNotDropped>(include_str!("../rules/capabilities-not-dropped.md")),
        entry::<added_capability::AddedCapability>(include_str!("../rules/added-capability.md")),
        entry::<low_user_id::LowUserId>(include_str!("../rules/low-user-id.md")),
        entry::<namespace_without_pod_security::NamespaceWithoutPodSecurity>(include_str!("../rules/namespace-without-pod-security.md")),
        entry::<tls_verification_disabled::TlsVerificationDisabled>(include_str!("../rules/tls-verification-disabled.md")),
        // access
        entry::<service_account_token_mounted::ServiceAccountTokenMounted>(include_str!("../rules/service-account-token-mounted.md")),
        entry::<wildcard_rbac_rule::WildcardRbacRule>(include_str!("../rules/wildcard-rbac-rule.md")),
        entry::<cluster_admin_binding::ClusterAdminBinding>(include_str!("../rules/cluster-admin-binding.md")),
        entry::<rbac_secret_access::RbacSecretAccess>(include_str!("../rules/rbac-secret-access.md")),
        entry::<rbac_escalation::RbacEscalation>(include_str!("../rules/rbac-escalation.md")),
        entry::<rbac_sensitive_grant::RbacSensitiveGrant>(include_str!("../rules/rbac-sensitive-grant.md")),
        entry::<system_group_binding::SystemGroupBinding>(include_str!("../rules/system-group-binding.md")),
        entry::<default_service_account_binding::DefaultServiceAccountBinding>(include_str!("../rules/default-service-account-binding.md")),
        // network
        entry::<allow_all_network_policy::AllowAllNetworkPolicy>(include_str!("../rules/allow-all-network-policy.md")),
        entry::<catch_all_ingress::CatchAllIngress>(include_str!("../rules/catch-all-ingress.md")),
        entry::<dns_blocked_by_network_policy::DnsBlockedByNetworkPolicy>(include_str!("../rules/dns-blocked-by-network-policy.md")),
        entry::<duplicate_ingress_route::DuplicateIngressRoute>(include_str!("../rules/duplicate-ingress-route.md")),
        entry::<excessive_body_size::ExcessiveBodySize>(include_str!("../rules/excessive-body-size.md")),
        entry::<exposed_service::ExposedService>(include_str!("../rules/exposed-service.md")),
        entry::<ignored_ingress_annotation::IgnoredIngressAnnotation>(include_str!("../rules/ignored-ingress-annotation.md")),
        entry::<ingress_host_without_tls::IngressHostWithoutTls>(include_str!("../rules/ingress-host-without-tls.md")),
        entry::<ingress_without_tls::IngressWithoutTls>(include_str!("../rules/ingress-without-tls.md")),
        entry::<invalid_body_size::InvalidBodySize>(include_str!("../rules/invalid-body-size.md")),
        entry::<invalid_ingress_path::InvalidIngressPath>(include_str!("../rules/invalid-ingress-path.md")),
        entry::<missing_body_size::MissingBodySize>(include_str!("../rules/missing-body-size.md")),
        entry::<missing_network_policy::MissingNetworkPolicy>(include_str!("../rules/missing-network-policy.md")),
        entry::<missing_rate_limit::MissingRateLimit>(include_str!("../rules/missing-rate-limit.md")),
        entry::<permissive_cors::PermissiveCors>(include_str!("../rules/permissive-cors.md")),
        entry::<plain_http_allowed::PlainHttpAllowed>(include_str!("../rules/plain-http-allowed.md")),
        entry::<staging_issuer::StagingIssuer>(include_str!("../rules/staging-issuer.md")),
        entry::<unsafe_ingress_annotation::UnsafeIngressAnnotation>(include_str!("../rules/unsafe-ingress-annotation.md")),
        // secret
        entry::<exposed_token::ExposedToken>(include_str!("../rules/exposed-token.md")),
        entry::<hardcoded_secret::HardcodedSecret>(include_str!("../rules/hardcoded-secret.md")),
        entry::<committed_secret::CommittedSecret>(include_str!("../rules/committed-secret.md")),
        entry::<secret_in_config_map::SecretInConfigMap>(include_str!("../rules/secret-in-config-map.md")),
        entry::<secret_as_env::SecretAsEnv>(include_str!("../rules/secret-as-env.md")),
        // reliability
        entry::<revision_history_disabled::RevisionHistoryDisabled>(include_str!("../rules/revision-history-disabled.md")),
        entry::<rollout_takes_all_down::RolloutTakesAllDown>(include_str!("../rules/rollout-takes-all-down.md")),
        entry::<pdb_blocks_eviction::PdbBlocksEviction>(include_str!("../rules/pdb-blocks-eviction.md")),
        entry::<contested_replicas::ContestedReplicas>(include_str!("../rules/contested-replicas.md")),
        entry::<paused_workload::PausedWorkload>(include_str!("../rules/paused-workload.md")),
        entry::<short_grace_period::ShortGracePeriod>(include_str!("../rules/short-grace-period.md")),
        entry::<naked_pod::NakedPod>(include_str!("../rules/naked-pod.md")),
        entry::<implicit_rollout_settings::ImplicitRolloutSettings>(include_str!("../rules/implicit-rollout-settings.md")),
        entry::<missing_pdb::MissingPdb>(include_str!("../rules/missing-pdb.md")),
        entry::<missing_pod_spread::MissingPodSpread>(include_str!("../rules/missing-pod-spread.md")),
        entry::<too_few_replicas::TooFewReplicas>(include_str!("../rules/too-few-replicas.md")),
        entry::<hpa_without_requests::HpaWithoutRequests>(include_str!("../rules/hpa-without-requests.md")),
        entry::<missing_autoscaler::MissingAutoscaler>(include_str!("../rules/missing-autoscaler.md")),
        entry::<recreate_strategy::RecreateStrategy>(include_str!("../rules/recreate-strategy.md")),
        entry::<unmonitored_workload::UnmonitoredWorkload>(include_str!("../rules/unmonitored-workload.md")),
        // reference
        entry::<dangling_backend::DanglingBackend>(include_str!("../rules/dangling-backend.md")),
        entry::<dangling_claim::DanglingClaim>(include_str!("../rules/dangling-claim.md")),
        entry::<dangling_config_map::DanglingConfigMap>(include_str!("../rules/dangling-config-map.md")),
        entry::<dangling_issuer::DanglingIssuer>(include_str!("../rules/dangling-issuer.md")),
        entry::<dangling_policy_selector::DanglingPolicySelector>(include_str!("../rules/dangling-policy-selector.md")),
        entry::<dangling_port_name::DanglingPortName>(include_str!("../rules/dangling-port-name.md")),
        entry::<dangling_rbac_reference::DanglingRbacReference>(include_str!("../rules/dangling-rbac-reference.md")),
        entry::<dangling_scale_target::DanglingScaleTarget>(include_str!("../rules/dangling-scale-target.md")),
        entry::<dangling_secret::DanglingSecret>(include_str!("../rules/dangling-secret.md")),
        entry::<dangling_service_account::DanglingServiceAccount>(include_str!("../rules/dangling-service-account.md")),
        entry::<dangling_service_monitor::DanglingServiceMonitor>(include_str!("../rules/dangling-service-monitor.md")),
        entry::<dangling_service_selector::DanglingServiceSelector>(include_str!("../rules/dangling-service-selector.md")),
        entry::<dangling_statefulset_service::DanglingStatefulsetService>(include_str!("../rules/dangling-statefulset-service.md")),
        entry::<dangling_volume_mount::DanglingVolumeMount>(include_str!("../rules/dangling-volume-mount.md")),
        entry::<missing_config_key::MissingConfigKey>(include_str!("../rules/missing-config-key.md")),
        entry::<undeclared_port_number::UndeclaredPortNumber>(include_str!("../rules/undeclared-port-number.md")),
        // api
        entry::<deprecated_api::DeprecatedApi>(include_str!("../rules/deprecated-api.md")),
        entry::<deprecated_field::DeprecatedField>(include_str!("../rules/deprecated-field.md")),
        entry::<invalid_metadata::InvalidMetadata>(include_str!("../rules/invalid-metadata.md")),
        entry::<invalid_port::InvalidPort>(include_str!("../rules/invalid-port.md")),
        entry::<invalid_restart_policy::InvalidRestartPolicy>(include_str!("../rules/invalid-restart-policy.md")),
        entry::<rejected_object::RejectedObject>(include_str!("../rules/rejected-object.md")),
        entry::<removed_api::RemovedApi>(include_str!("../rules/removed-api.md")),
        entry::<selector_mismatch::SelectorMismatch>(include_str!("../rules/selector-mismatch.md")),
        entry::<volatile_selector_label::VolatileSelectorLabel>(include_str!("../rules/volatile-selector-label.md")),
        // metadata
        entry::<default_namespace::DefaultNamespace>(include_str!("../rules/default-namespace.md")),
        entry::<duplicate_object::DuplicateObject>(include_str!("../rules/duplicate-object.md")),
        entry::<missing_required_metadata::MissingRequiredMetadata>(include_str!("../rules/missing-required-metadata.md")),
        entry::<partial_namespace::PartialNamespace>(include_str!("../rules/partial-namespace.md")),
        entry::<server_managed_field::ServerManagedField>(include_str!("../rules/server-managed-field.md")),
        // storage
        entry::<database_without_backup::DatabaseWithoutBackup>(include_str!("../rules/database-without-backup.md")),
        entry::<ephemeral_database::EphemeralDatabase>(include_str!("../rules/ephemeral-database.md")),
        entry::<shared_single_node_volume::SharedSingleNodeVolume>(include_str!("../rules/shared-single-node-volume.md")),
        // job
        entry::<invalid_cron_schedule::InvalidCronSchedule>(include_str!("../rules/invalid-cron-schedule.md")),
        entry::<job_without_ttl::JobWithoutTtl>(include_str!("../rules/job-without-ttl.md")),
        entry::<missing_job_deadline::MissingJobDeadline>(include_str!("../rules/missing-job-deadline.md")),
        entry::<overlapping_job_runs::OverlappingJobRuns>(include_str!("../rules/overlapping-job-runs.md")),
        // config
        entry::<localhost_endpoint::LocalhostEndpoint>(include_str!("../rules/localhost-endpoint.md")),
        entry::<placeholder_value::PlaceholderValue>(include_str!("../rules/placeholder-value.md")),
        entry::<example_host::ExampleHost>(include_str!("../rules/example-host.md")),
        entry::<non_production_endpoint::NonProductionEndpoint>(include_str!("../rules/non-production-endpoint.md")),
        entry::<development_setting::DevelopmentSetting>(include_str!("../rules/development-setting.md")),
        entry::<duplicate_env_var::DuplicateEnvVar>(include_str!("../rules/duplicate-env-var.md")),
        entry::<unresolved_env_reference::UnresolvedEnvReference>(include_str!("../rules/unresolved-env-reference.md")),
        entry::<unconfigured_container::UnconfiguredContainer>(include_str!("../rules/unconfigured-container.md")),
        entry::<missing_required_env::MissingRequiredEnv>(include_str!("../rules/missing-required-env.md")),
        // kustomize
        entry::<unrenderable_kustomization::UnrenderableKustomization>(include_str!("../rules/unrenderable-kustomization.md")),
        entry::<unmatched_image::UnmatchedImage>(include_str!("../rules/unmatched-image.md")),
        entry::<unmatched_target::UnmatchedTarget>(include_str!("../rules/unmatched-target.md")),
        entry::<deprecated_kustomization_field::DeprecatedKustomizationField>(include_str!("../rules/deprecated-kustomization-field.md")),
        entry::<unused_kustomization_file::UnusedKustomizationFile>(include_str!("../rules/unused-kustomization-file.md")),
        entry::<unpinned_remote::UnpinnedRemote>(include_str!("../rules/unpinned-remote.md")),
        entry::<hash_suffix_disabled::HashSuffixDisabled>(include_str!("../rules/hash-suffix-disabled.md")),
        entry::<unreached_name_reference::UnreachedNameReference>(include_str!("../rules/unreached-name-reference.md")),
        entry::<ineffective_patch::IneffectivePatch>(include_str!("../rules/ineffective-patch.md")),
        // yaml
        entry::<invalid_yaml::InvalidYaml>(include_str!("../rules/invalid-yaml.md")),
        entry::<duplicate_key::DuplicateKey>(include_str!("../rules/duplicate-key.md")),
        entry::<non_string_value::NonStringValue>(include_str!("../rules/non-string-value.md")),
        entry::<decimal_file_mode::DecimalFileMode>(include_str!("../rules/decimal-file-mode.md")),
        entry::<lossy_number::LossyNumber>(include_str!("../rules/lossy-number.md")),
        entry::<hidden_character::HiddenCharacter>(include_str!("../rules/hidden-character.md")),
        // suppression
        entry::<invalid_suppression::InvalidSuppression>(include_str!("../rules/invalid-suppression.md")),
        entry::<suppression_without_reason::SuppressionWithoutReason>(include_str!("../rules/suppression-without-reason.md")),
        entry::<unused_suppression::UnusedSuppression>(include_str!("../rules/unused-suppression.md")),
    ]
}

#[expect(clippy::panic, reason = "pages are part of the program; a test reads all of them")]
fn entry<R: Rule + Default + DeserializeOwned + 'static>(page: &'static str) -> Registered {
    let page = Page::parse(page).unwrap_or_else(|e| panic!("rule page: {e}: {page:.60}"));
    Registered {
        page,
        shape: Shape::of::<R>,
        make: |options| {
            if options.is_null() {
                return Ok(Box::new(R::default()));
            }
            serde_json::from_value::<R>(options).map(|r| Box::new(r) as Box<dyn Rule>).map_err(|e| e.to_string())
        },
    }
}
