//! kustomize, rendered natively: equal to upstream `kustomize build` v5.8.1, with the origin of every value. Knows no rule.
