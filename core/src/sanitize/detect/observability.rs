//! Observability, alerts, analytics and feature flags.

use super::table::{Detector, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    named(
        "value:datadog_app_key",
        "(?i)(datadog|dd_app|ddog|dd-app)",
        "[0-9a-f]{40}",
    )
    .entropy(3.0)
    .samples(
        &["da~tadog_secret=«4adf8bc15fa8684baa8c~e403a744262747295ef6»"],
        &[
            "da~tadog_secret=4adf8bc15fa8684baa8ce403a744262747295ef",
            "da~tadog_secret=3333333333333333333333333333333333333333",
            "build_id=4adf8bc15fa8684baa8c~e403a744262747295ef6",
        ],
    ),
    named(
        "value:datadog_api_key",
        "(?i)(datadog|dd_api|ddog|dd-api|dd_client)",
        "[0-9a-f]{32}",
    )
    .entropy(3.0)
    .samples(
        &[r#""da~tadog_api_token": "«b90d8575a14a4151~1b3364a59d0636d5»""#],
        &[
            r#""da~tadog_api_token": "b90d8575a14a41511b3364a59d0636d""#,
            r#""da~tadog_api_token": "33333333333333333333333333333333""#,
            r#""build_id": "b90d8575a14a4151~1b3364a59d0636d5""#,
        ],
    ),
    token("value:datadog_client_token", "pub[0-9a-f]{32}")
        .entropy(3.0)
        .samples(
            &["pu~bf85dff13c58632~cbc4d9652cb5f04814"],
            &[
                "pu~bf85dff13c5863~2cbc4d9652cb5f0481",
                "pu~bf85dff13c58632~cbc4d9652cb5f04814x",
            ],
        ),
    // New Relic: user, ingest, query, admin, browser and license keys.
    token("value:newrelic_user_key", "NRAK-[A-Z0-9]{27}")
        .entropy(3.2)
        .samples(
            &["NR~AK-QBETUB8ZZH~MUZZ28X0OH90HCWP4"],
            &[
                "NR~AK-QBETUB8ZZH~MUZZ28X0OH90HCWP",
                "NR~AK-QBETUB8ZZHM~UZZ28X0OH90HCWP40",
            ],
        ),
    token("value:newrelic_insert_key", r"NRI[IQ]-[\w-]{32}")
        .entropy(3.3)
        .samples(
            &["NR~IQ-RNJfbuDxvPNuW~pcyZkjS_tfuZ9kEPxSO"],
            &[
                "NR~IQ-RNJfbuDxvPNu~WpcyZkjS_tfuZ9kEPxS",
                "NR~IQ-RNJfbuDxvPNuW~pcyZkjS_tfuZ9kEPxSOx",
            ],
        ),
    token("value:newrelic_admin_key", "NRAA-[0-9a-f]{27}")
        .entropy(3.0)
        .samples(
            &["NR~AA-4c7ea6f798~610adc27399782c19"],
            &[
                "NR~AA-4c7ea6f798~610adc27399782c1",
                "NR~AA-4c7ea6f7986~10adc27399782c197",
            ],
        ),
    token("value:newrelic_browser_key", "NRJS-[0-9a-f]{19}")
        .entropy(2.8)
        .samples(
            &["NR~JS-025bca2785055375c6e"],
            &["NR~JS-025bca2785055375c6", "NR~JS-025bca2~785055375c6ea"],
        ),
    named(
        "value:newrelic_license_key",
        "(?i)new_?-?relic",
        "[0-9a-z]{6}[0-9A-Za-z]{30}(NRAL|[0-9a-f]{4})",
    )
    .entropy(3.0)
    .samples(
        &["NE~WRELIC_SECRET: «5oymxkTD5JL4kDrXFrTk~HKp4q1spOLrbZCfaNRAL»"],
        &[
            "NE~WRELIC_SECRET: 5oymxkTD5JL4kDrXFrTkHKp4q1spOLrbZCfaNRA",
            "NE~WRELIC_SECRET: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "build_id: 5oymxkTD5JL4kDrXFrTk~HKp4q1spOLrbZCfaNRAL",
        ],
    ),
    // Sentry, Grafana, Dynatrace, Honeycomb.
    token(
        "value:sentry_org_token",
        "sntrys_[A-Za-z0-9+/]{60,}={0,2}(_[A-Za-z0-9+/]{43})?",
    )
    .entropy(3.5)
    .samples(
        &["sn~trys_JiaqkBXfEneM0D1hTTOEqA64UM~dsDM099qYYXzfr7XrRMVddys71zXo2Bl7y"],
        &[
            "sn~trys_JiaqkBXfEneM0D1hTTOEqA64U~MdsDM099qYYXzfr7XrRMVddys71zXo2Bl7",
            "sn~trys_JiaqkBXfEneM0D1hTTOEqA64UM~dsDM099qYYX!zfr7XrRMVddys71zXo2Bl7y",
        ],
    ),
    token("value:sentry_user_token", "sntryu_[0-9a-f]{64}")
        .entropy(3.0)
        .samples(
            &["sn~tryu_d067f1fe3c730b563f2b35b17eac~9b8bee2653d9ea580e995f861a329bb15f43"],
            &[
                "sn~tryu_d067f1fe3c730b563f2b35b17ea~c9b8bee2653d9ea580e995f861a329bb15f4",
                "sn~tryu_d067f1fe3c730b563f2b35b17eac~9b8bee2653d9ea580e995f861a329bb15f43x",
            ],
        ),
    named("value:sentry_legacy_token", "(?i)sentry", "[0-9a-f]{64}")
        .entropy(3.0)
        .samples(
            &["se~ntry_token := '«2cf1de5b779354110f70d5bc7d4a3f20~22f6a8c17f0ff8ce2e699dc4dd9279ff»'"],
            &[
                "se~ntry_token := '2cf1de5b779354110f70d5bc7d4a3f2022f6a8c17f0ff8ce2e699dc4dd9279f'",
                "se~ntry_token := '3333333333333333333333333333333333333333333333333333333333333333'",
                "build_id := '2cf1de5b779354110f70d5bc7d4a3f20~22f6a8c17f0ff8ce2e699dc4dd9279ff'",
            ],
        ),
    token("value:grafana_service_token", "glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}")
        .entropy(3.5)
        .samples(
            &["gl~sa_V0X0jNWtOoTQuH3d2~QH8UMWjC95yyL4i_F284e14B"],
            &[
                "gl~sa_V0X0jNWtOoTQuH3d2~QH8UMWjC95yyL4i_F284e14",
                "gl~sa_V0X0jNWtOoTQuH3d2Q~H8UMWjC95yyL4i_F284e14Bx",
            ],
        ),
    token("value:grafana_cloud_token", "glc_[A-Za-z0-9+/]{32,}={0,2}")
        .entropy(3.5)
        .samples(
            &["gl~c_3Ivnc2KZtTbKJ~L10yDjz3sI65L2GbdDU"],
            &[
                "gl~c_3Ivnc2KZtTbKJ~L10yDjz3sI65L2GbdD",
                "gl~c_3Ivnc2KZtTbKJL~10yDjz!3sI65L2GbdDU",
            ],
        ),
    token("value:grafana_api_key", "eyJrIjoi[A-Za-z0-9+/]{60,}={0,2}")
        .entropy(3.8)
        .samples(
            &["ey~JrIjoifvcVkI11IkSLR6Fh1NVmCHPog~RlBzYfAwBkbx3xwNLxDtEwl4IPrk9Hkwl4K"],
            &[
                "ey~JrIjoifvcVkI11IkSLR6Fh1NVmCHPog~RlBzYfAwBkbx3xwNLxDtEwl4IPrk9Hkwl4",
                "ey~JrIjoifvcVkI11IkSLR6Fh1NVmCHPogR~lBzYfAwBkbx!3xwNLxDtEwl4IPrk9Hkwl4K",
            ],
        ),
    token(
        "value:dynatrace_token",
        r"dt0[a-z][0-9]{2}\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}",
    )
    .entropy(3.5)
    .samples(
        &["dt~0v02.3GIVN8ZH.OIBQUH8ZTR2FZ6J5JP9BIVP~FW3H0R2U3MMDJXAH2CI47R0WMGNFRJGLYCL0S6HIP"],
        &[
            "dt~0v02.3GIVN8ZH.OIBQUH8ZTR2FZ6J5JP9BIVP~FW3H0R2U3MMDJXAH2CI47R0WMGNFRJGLYCL0S6HI",
            "dt~0v02.3GIVN8ZH.OIBQUH8ZTR2FZ6J5JP9BIVPF~W3H0R2U3MMDJXAH2CI47R0WMGNFRJGLYCL0S6HIP7",
        ],
    ),
    token("value:honeycomb_key", "hc[abc](ik|mk|lk)_[A-Za-z0-9]{58,}")
        .entropy(3.5)
        .samples(
            &["hc~cik_8FGjXQR2HFTeGMeZXaGDQD6u3~O7UaxBiZPRrmDD3dD1Sa006PpD1h00ehy"],
            &[
                "hc~cik_8FGjXQR2HFTeGMeZXaGDQD6u3~O7UaxBiZPRrmDD3dD1Sa006PpD1h00eh",
                "hc~cik_8FGjXQR2HFTeGMeZXaGDQD6u3O~7UaxBiZPRr!mDD3dD1Sa006PpD1h00ehy",
            ],
        ),
    named(
        "value:honeycomb_legacy_key",
        "(?i)(honeycomb|x-honeycomb)",
        "([0-9a-f]{32}|[A-Za-z0-9]{22})",
    )
    .entropy(3.0)
    .samples(
        &["ho~neycomb_token=«b25d5e323c4e1f5c~b3fb07404a192bb0»"],
        &[
            "ho~neycomb_token=b25d5e323c4e1f5cb3fb07404a192bb",
            "ho~neycomb_token=33333333333333333333333333333333",
            "build_id=b25d5e323c4e1f5c~b3fb07404a192bb0",
        ],
    ),
    // Logs and errors.
    named(
        "value:splunk_token",
        "(?i)(splunk|hec_)",
        "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
    )
    .entropy(3.0)
    .samples(
        &[r#""SP~LUNK_TOKEN": "«eaAD7bd1-8EBE-2Aeb~-1132-31C2836A7D8b»""#],
        &[
            r#""SP~LUNK_TOKEN": "eaAD7bd1-8EBE-2Aeb-1132-31C2836A7D8""#,
            r#""build_id": "eaAD7bd1-8EBE-2Aeb~-1132-31C2836A7D8b""#,
        ],
    ),
    named("value:sumologic_key", "(?i)sumo_?(logic)?", "[A-Za-z0-9]{64}")
        .entropy(3.8)
        .samples(
            &["su~mo_token: «ONB7KEGCSDFxieYAnGLfyDxJZbMDhgr0~fC7q7ICXc50aP8WipKQSh0DHyyFYv2Ft»"],
            &[
                "su~mo_token: ONB7KEGCSDFxieYAnGLfyDxJZbMDhgr0fC7q7ICXc50aP8WipKQSh0DHyyFYv2F",
                "su~mo_token: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
                "build_id: ONB7KEGCSDFxieYAnGLfyDxJZbMDhgr0~fC7q7ICXc50aP8WipKQSh0DHyyFYv2Ft",
            ],
        ),
    named("value:logdna_key", "(?i)(logdna|mezmo)", "[0-9a-f]{32}")
        .entropy(3.0)
        .samples(
            &["lo~gdna_token := '«e9e5719846e0d0ce~a4f9927983a52bcf»'"],
            &[
                "lo~gdna_token := 'e9e5719846e0d0cea4f9927983a52bc'",
                "lo~gdna_token := 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
                "build_id := 'e9e5719846e0d0ce~a4f9927983a52bcf'",
            ],
        ),
    named(
        "value:loggly_token",
        "(?i)loggly",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .entropy(3.0)
    .samples(
        &["LO~GGLY_API_TOKEN=«3c2b54b6-9217-65b6~-974d-a6dae1ceaf4c»"],
        &[
            "LO~GGLY_API_TOKEN=3c2b54b6-9217-65b6-974d-a6dae1ceaf4",
            "build_id=3c2b54b6-9217-65b6~-974d-a6dae1ceaf4c",
        ],
    ),
    named("value:logzio_token", r"(?i)logz_?\.?io", "[A-Za-z]{32}")
        .entropy(3.8)
        .samples(
            &[r#""LO~GZIO_API_KEY": "«uoWWuxDToTnjZIoB~ckAwPIKsTxzYzLFE»""#],
            &[
                r#""LO~GZIO_API_KEY": "uoWWuxDToTnjZIoBckAwPIKsTxzYzLF""#,
                r#""LO~GZIO_API_KEY": "cccccccccccccccccccccccccccccccc""#,
                r#""build_id": "uoWWuxDToTnjZIoB~ckAwPIKsTxzYzLFE""#,
            ],
        ),
    token("value:logfire_token", "pylf_v[0-9]_(us|eu)_[A-Za-z0-9]{40,}")
        .entropy(3.8)
        .samples(
            &["py~lf_v5_us_Xu0wBKmNfca5Lz~SXOH5FzqhDfsz7riEencMrgbH6"],
            &[
                "py~lf_v5_us_Xu0wBKmNfca5L~zSXOH5FzqhDfsz7riEencMrgbH",
                "py~lf_v5_us_Xu0wBKmNfca5Lz~SXOH5Fzqh!Dfsz7riEencMrgbH6",
            ],
        ),
    token(
        "value:axiom_token",
        "xa[apit]t-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .samples(
        &["xa~at-11cce214-8b1b-3~2b5-d6b0-c9051d3dbd67"],
        &[
            "xa~at-11cce214-8b1b-~32b5-d6b0-c9051d3dbd6",
            "xa~at-11cce214-8b1b-3~2b5-d6b0-c9051d3dbd670",
        ],
    ),
    named("value:rollbar_token", "(?i)rollbar", "[0-9a-f]{32}")
        .entropy(3.0)
        .samples(
            &["ro~llbar_api_token: «def3b21257746c9b~133dd86f884f98fd»"],
            &[
                "ro~llbar_api_token: def3b21257746c9b133dd86f884f98f",
                "ro~llbar_api_token: 33333333333333333333333333333333",
                "build_id: def3b21257746c9b~133dd86f884f98fd",
            ],
        ),
    named("value:bugsnag_key", "(?i)bugsnag", "[0-9a-f]{32}")
        .entropy(3.0)
        .samples(
            &["bu~gsnag_secret := '«5af0125878b871fe~db17dc0cac843240»'"],
            &[
                "bu~gsnag_secret := '5af0125878b871fedb17dc0cac84324'",
                "bu~gsnag_secret := 'cccccccccccccccccccccccccccccccc'",
                "build_id := '5af0125878b871fe~db17dc0cac843240'",
            ],
        ),
    named("value:raygun_key", "(?i)raygun", "[A-Za-z0-9+/]{22}==")
        .entropy(3.5)
        .samples(
            &["ra~ygun_secret=«GaV5xHBVzHW4~N8YHu9kVSs==»"],
            &[
                "ra~ygun_secret=GaV5xHBVzHW4N8YHu9kVSs=",
                "build_id=GaV5xHBVzHW4~N8YHu9kVSs==",
            ],
        ),
    // Alerts and uptime.
    named("value:pagerduty_token", "(?i)(pager_?duty|pd_)", r"[\w+-]{20}")
        .entropy(3.3)
        .samples(
            &[r#""pa~gerduty_api_key": "«YwfXcTK3gY~RHeI_ehmvt»""#],
            &[
                r#""pa~gerduty_api_key": "YwfXcTK3gYRHeI_ehmv""#,
                r#""pa~gerduty_api_key": "aaaaaaaaaaaaaaaaaaaa""#,
                r#""build_id": "YwfXcTK3gY~RHeI_ehmvt""#,
            ],
        ),
    named("value:pagerduty_routing_key", "(?i)(pager_?duty|pd_)", "[0-9a-f]{32}")
        .entropy(3.0)
        .samples(
            &["pa~gerduty_secret: «fe82f0e248447661~5390c603a2ec63bd»"],
            &[
                "pa~gerduty_secret: fe82f0e2484476615390c603a2ec63b",
                "pa~gerduty_secret: 33333333333333333333333333333333",
                "build_id: fe82f0e248447661~5390c603a2ec63bd",
            ],
        ),
    named(
        "value:opsgenie_key",
        "(?i)ops_?genie",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .entropy(3.0)
    .samples(
        &["OP~SGENIE_SECRET := '«ad817f8e-fa28-9ab1~-9877-f1353451efa3»'"],
        &[
            "OP~SGENIE_SECRET := 'ad817f8e-fa28-9ab1-9877-f1353451efa'",
            "build_id := 'ad817f8e-fa28-9ab1~-9877-f1353451efa3'",
        ],
    ),
    token("value:uptimerobot_key", "(ur|m)[0-9]{6,10}-[0-9a-f]{24}")
        .entropy(3.0)
        .samples(
            &["ur~712038-3a9da4e~c325e1f4f938afb95"],
            &[
                "ur~712038-3a9da4~ec325e1f4f938afb9",
                "ur~712038-3a9da4e~c325e1f4f938afb95x",
            ],
        ),
    token("value:checkly_key", "cu_[0-9a-f]{32}").entropy(3.0).samples(
        &["cu~_c311c573bc3ec3~67a1f440f613659faf"],
        &[
            "cu~_c311c573bc3ec~367a1f440f613659fa",
            "cu~_c311c573bc3ec3~67a1f440f613659fafx",
        ],
    ),
    named(
        "value:betterstack_token",
        "(?i)(better_?stack|better_?uptime|logtail)",
        "[A-Za-z0-9]{24}",
    )
    .entropy(3.5)
    .samples(
        &["BE~TTERSTACK_API_TOKEN=«4emKXuwyurYn~ky3y8lJDinZ4»"],
        &[
            "BE~TTERSTACK_API_TOKEN=4emKXuwyurYnky3y8lJDinZ",
            "BE~TTERSTACK_API_TOKEN=333333333333333333333333",
            "build_id=4emKXuwyurYn~ky3y8lJDinZ4",
        ],
    ),
    // Analytics and flags.
    token("value:posthog_personal_key", "ph[xs]_[A-Za-z0-9]{40,}")
        .entropy(3.8)
        .samples(
            &["ph~x_UMZvWUkUNf09Bt5U9~IgXra7i580Al5814gwNpwG5"],
            &[
                "ph~x_UMZvWUkUNf09Bt5U9~IgXra7i580Al5814gwNpwG",
                "ph~x_UMZvWUkUNf09Bt5U9I~gXra7i5!80Al5814gwNpwG5",
            ],
        ),
    named("value:segment_key", "(?i)segment", "[A-Za-z0-9]{32}")
        .entropy(3.8)
        .samples(
            &[r#""SE~GMENT_API_KEY": "«Wp84m2o6cOg9A0Ek~UuwR4gyLl9mLZQMj»""#],
            &[
                r#""SE~GMENT_API_KEY": "Wp84m2o6cOg9A0EkUuwR4gyLl9mLZQM""#,
                r#""SE~GMENT_API_KEY": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb""#,
                r#""build_id": "Wp84m2o6cOg9A0Ek~UuwR4gyLl9mLZQMj""#,
            ],
        ),
    named("value:amplitude_key", "(?i)amplitude", "[0-9a-f]{32}")
        .entropy(3.0)
        .samples(
            &["AM~PLITUDE_SECRET: «c32e990b500c11da~4394127d21e418eb»"],
            &[
                "AM~PLITUDE_SECRET: c32e990b500c11da4394127d21e418e",
                "AM~PLITUDE_SECRET: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "build_id: c32e990b500c11da~4394127d21e418eb",
            ],
        ),
    named("value:mixpanel_secret", "(?i)mixpanel", "[0-9a-f]{32}")
        .entropy(3.0)
        .samples(
            &["mi~xpanel_token := '«f02ea09da556814e~ed189ff847f1128d»'"],
            &[
                "mi~xpanel_token := 'f02ea09da556814eed189ff847f1128'",
                "mi~xpanel_token := 'cccccccccccccccccccccccccccccccc'",
                "build_id := 'f02ea09da556814e~ed189ff847f1128d'",
            ],
        ),
    token(
        "value:launchdarkly_key",
        "(sdk|api|mob)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .samples(
        &["sd~k-78234ca0-0e43-d~bf2-bc5c-284013ea68de"],
        &[
            "sd~k-78234ca0-0e43-d~bf2-bc5c-284013ea68d",
            "sd~k-78234ca0-0e43-db~f2-bc5c-284013ea68de7",
        ],
    ),
    token("value:statsig_key", "secret-[A-Za-z0-9]{40,}")
        .entropy(3.8)
        .samples(
            &["se~cret-6Ph0JngjIvlXMEdn~ON6yqcxUuocNmn1uTzkUTqrq"],
            &[
                "se~cret-6Ph0JngjIvlXMEd~nON6yqcxUuocNmn1uTzkUTqr",
                "se~cret-6Ph0JngjIvlXMEdn~ON6yqcxU!uocNmn1uTzkUTqrq",
            ],
        ),
    token("value:configcat_key", r"configcat-sdk-1/[\w-]{22}/[\w-]{22}")
        .entropy(3.5)
        .samples(
            &["co~nfigcat-sdk-1/8LpxRboqjHLeI3~nRyAh82W/JuNtvnPyXHBbY_HDTR3FeK"],
            &[
                "co~nfigcat-sdk-1/8LpxRboqjHLeI~3nRyAh82W/JuNtvnPyXHBbY_HDTR3Fe",
                "co~nfigcat-sdk-1/8LpxRboqjHLeI3~nRyAh82W/JuNtvnPyXHBbY_HDTR3FeK0",
            ],
        ),
];
