//! Observability, alerts, analytics and feature flags.

use super::table::{Detector, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    named(
        "value:datadog_app_key",
        "(?i)(datadog|dd_app|ddog|dd-app)",
        "[0-9a-f]{40}",
    )
    .entropy(3.0)
    .hits(&[r#""da~tadog_api_key": "«59d0636d5ff85dff13c5~8632cbc4d9652cb5f048»""#])
    .misses(&[
        r#""da~tadog_api_key": "59d0636d5ff85dff13c5~8632cbc4d9652cb5f04""#,
        r#""da~tadog_api_key": "11111111111111111111~11111111111111111111""#,
        r#""build_id": "59d0636d5ff85dff13c5~8632cbc4d9652cb5f048""#,
    ]),
    named(
        "value:datadog_api_key",
        "(?i)(datadog|dd_api|ddog|dd-api|dd_client)",
        "[0-9a-f]{32}",
    )
    .entropy(3.0)
    .hits(&["da~tadog_secret: «d57ef548bf140c84~086c21a4d54b90ae»"])
    .misses(&[
        "da~tadog_secret: d57ef548bf140c84~086c21a4d54b90a",
        "da~tadog_secret: cccccccccccccccc~cccccccccccccccc",
        "build_id: d57ef548bf140c84~086c21a4d54b90ae",
    ]),
    token("value:datadog_client_token", "pub[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["pu~b6bacec9b3928e9~faee1eaac46dbe7c4e"])
        .misses(&[
            "pu~b6bacec9b3928e~9faee1eaac46dbe7c4",
            "pu~b6bacec9b3928e9~faee1eaac46dbe7c4ea",
        ]),
    // New Relic: user, ingest, query, admin, browser and license keys.
    token("value:newrelic_user_key", "NRAK-[A-Z0-9]{27}")
        .entropy(3.2)
        .hits(&["NR~AK-ZOU9PFTKDU~FIHC20KQP5F7JJEH5"])
        .misses(&[
            "NR~AK-ZOU9PFTKDU~FIHC20KQP5F7JJEH",
            "NR~AK-ZOU9PFTKDUF~IHC20KQP5F7JJEH5x",
        ]),
    token("value:newrelic_insert_key", r"NRI[IQ]-[\w-]{32}")
        .entropy(3.3)
        .hits(&["NR~II-I9-PkEk17tgPD~SNkYouTJkXTKq_bfA7a"])
        .misses(&[
            "NR~II-I9-PkEk17tgP~DSNkYouTJkXTKq_bfA7",
            "NR~II-I9-PkEk17tgPD~SNkYouTJkXTKq_bfA7a7",
        ]),
    token("value:newrelic_admin_key", "NRAA-[0-9a-f]{27}")
        .entropy(3.0)
        .hits(&["NR~AA-7b060eec75~32fb6b0443dbf3015"])
        .misses(&[
            "NR~AA-7b060eec75~32fb6b0443dbf301",
            "NR~AA-7b060eec753~2fb6b0443dbf30150",
        ]),
    token("value:newrelic_browser_key", "NRJS-[0-9a-f]{19}")
        .entropy(2.8)
        .hits(&["NR~JS-d067f1fe3c730b563f2"])
        .misses(&["NR~JS-d067f1fe3c730b563f", "NR~JS-d067f1f~e3c730b563f2a"]),
    named(
        "value:newrelic_license_key",
        "(?i)new_?-?relic",
        "[0-9a-z]{6}[0-9A-Za-z]{30}(NRAL|[0-9a-f]{4})",
    )
    .entropy(3.0)
    .hits(&["NE~WRELIC_TOKEN := '«6an3fwfTmopqKOlZJnMo~GsrMSSzb5aknlysCNRAL»'"])
    .misses(&[
        "NE~WRELIC_TOKEN := '6an3fwfTmopqKOlZJnMo~GsrMSSzb5aknlysCNRA'",
        "NE~WRELIC_TOKEN := 'cccccccccccccccccccc~cccccccccccccccccccc'",
        "build_id := '6an3fwfTmopqKOlZJnMo~GsrMSSzb5aknlysCNRAL'",
    ]),
    // Sentry, Grafana, Dynatrace, Honeycomb.
    token(
        "value:sentry_org_token",
        "sntrys_[A-Za-z0-9+/]{60,}={0,2}(_[A-Za-z0-9+/]{43})?",
    )
    .entropy(3.5)
    .hits(&["sn~trys_kyTbKsjdAnHz1TwiJJukAVGmD3~XL64JqNhM2AdV9r7vO5oPoU2QsZvWSArMo"])
    .misses(&[
        "sn~trys_kyTbKsjdAnHz1TwiJJukAVGmD~3XL64JqNhM2AdV9r7vO5oPoU2QsZvWSArM",
        "sn~trys_kyTbKsjdAnHz1TwiJJukAVGmD3~XL64JqNhM2A!dV9r7vO5oPoU2QsZvWSArMo",
    ]),
    token("value:sentry_user_token", "sntryu_[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["sn~tryu_779354110f70d5bc7d4a3f2022f6~a8c17f0ff8ce2e699dc4dd9279ff7f00bced"])
        .misses(&[
            "sn~tryu_779354110f70d5bc7d4a3f2022f~6a8c17f0ff8ce2e699dc4dd9279ff7f00bce",
            "sn~tryu_779354110f70d5bc7d4a3f2022f6~a8c17f0ff8ce2e699dc4dd9279ff7f00bceda",
        ]),
    named("value:sentry_legacy_token", "(?i)sentry", "[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["se~ntry_token=«11d84fb642a2f28414bd191aea9a0061~932a186ff9009ead370bf68cd5551ba6»"])
        .misses(&[
            "se~ntry_token=11d84fb642a2f28414bd191aea9a0061~932a186ff9009ead370bf68cd5551ba",
            "se~ntry_token=33333333333333333333333333333333~33333333333333333333333333333333",
            "build_id=11d84fb642a2f28414bd191aea9a0061~932a186ff9009ead370bf68cd5551ba6",
        ]),
    token("value:grafana_service_token", "glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}")
        .entropy(3.5)
        .hits(&["gl~sa_4IPrk9Hkwl4Kh293G~pIzlVN8sZHOrawI_5DF84bED"])
        .misses(&[
            "gl~sa_4IPrk9Hkwl4Kh293G~pIzlVN8sZHOrawI_5DF84bE",
            "gl~sa_4IPrk9Hkwl4Kh293Gp~IzlVN8sZHOrawI_5DF84bED0",
        ]),
    token("value:grafana_cloud_token", "glc_[A-Za-z0-9+/]{32,}={0,2}")
        .entropy(3.5)
        .hits(&["gl~c_FZb6Jgaz5JP9B~kIVPbFWjp3H0qqR2rU3"])
        .misses(&[
            "gl~c_FZb6Jgaz5JP9B~kIVPbFWjp3H0qqR2rU",
            "gl~c_FZb6Jgaz5JP9Bk~IVPbFW!jp3H0qqR2rU3",
        ]),
    token("value:grafana_api_key", "eyJrIjoi[A-Za-z0-9+/]{60,}={0,2}")
        .entropy(3.8)
        .hits(&["ey~JrIjoiMMDfJxXAH2prCI4l7wR0WMGvv~gNFiRJGmLYdCL0Slbe6HjoIPAb8FGjXQR2H"])
        .misses(&[
            "ey~JrIjoiMMDfJxXAH2prCI4l7wR0WMGvv~gNFiRJGmLYdCL0Slbe6HjoIPAb8FGjXQR2",
            "ey~JrIjoiMMDfJxXAH2prCI4l7wR0WMGvvg~NFiRJGmLYdC!L0Slbe6HjoIPAb8FGjXQR2H",
        ]),
    token(
        "value:dynatrace_token",
        r"dt0[a-z][0-9]{2}\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}",
    )
    .entropy(3.5)
    .hits(&["dt~0h74.MZXGDQD6.3O7UBZPRDD3D1S006PD100N~4AQBS64Z6O9T3UAPM6UN1XXE808WLZ2I5MM19WLQF"])
    .misses(&[
        "dt~0h74.MZXGDQD6.3O7UBZPRDD3D1S006PD100N~4AQBS64Z6O9T3UAPM6UN1XXE808WLZ2I5MM19WLQ",
        "dt~0h74.MZXGDQD6.3O7UBZPRDD3D1S006PD100N4~AQBS64Z6O9T3UAPM6UN1XXE808WLZ2I5MM19WLQF0",
    ]),
    token("value:honeycomb_key", "hc[abc](ik|mk|lk)_[A-Za-z0-9]{58,}")
        .entropy(3.5)
        .hits(&["hc~bik_TMpTt5KepZq226z4o7ikqk3Pn~5wG6DKFqRGYYCLRKONB7KEGCSDFxieYAn"])
        .misses(&[
            "hc~bik_TMpTt5KepZq226z4o7ikqk3Pn~5wG6DKFqRGYYCLRKONB7KEGCSDFxieYA",
            "hc~bik_TMpTt5KepZq226z4o7ikqk3Pn5~wG6DKFqRGY!YCLRKONB7KEGCSDFxieYAn",
        ]),
    named(
        "value:honeycomb_legacy_key",
        "(?i)(honeycomb|x-honeycomb)",
        "([0-9a-f]{32}|[A-Za-z0-9]{22})",
    )
    .entropy(3.0)
    .hits(&[r#""ho~neycomb_api_key": "«8a69b606339620c4~ade06871766e9e57»""#])
    .misses(&[
        r#""ho~neycomb_api_key": "8a69b606339620c4~ade06871766e9e5""#,
        r#""ho~neycomb_api_key": "cccccccccccccccc~cccccccccccccccc""#,
        r#""build_id": "8a69b606339620c4~ade06871766e9e57""#,
    ]),
    // Logs and errors.
    named(
        "value:splunk_token",
        "(?i)(splunk|hec_)",
        "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
    )
    .entropy(3.0)
    .hits(&["SP~LUNK_TOKEN: «846E0D0C-EA4F-d992~-7983-A52aBfCeaF6f»"])
    .misses(&[
        "SP~LUNK_TOKEN: 846E0D0C-EA4F-d992~-7983-A52aBfCeaF6",
        "build_id: 846E0D0C-EA4F-d992~-7983-A52aBfCeaF6f",
    ]),
    named("value:sumologic_key", "(?i)sumo_?(logic)?", "[A-Za-z0-9]{64}")
        .entropy(3.8)
        .hits(&["SU~MO_API_TOKEN := '«5XwNYBv8MevsXColJhdp5s2EjCfANCmq~tuivrIE9ruZRbjLDXQKiZuxTY2PzwSmL»'"])
        .misses(&[
            "SU~MO_API_TOKEN := '5XwNYBv8MevsXColJhdp5s2EjCfANCmq~tuivrIE9ruZRbjLDXQKiZuxTY2PzwSm'",
            "SU~MO_API_TOKEN := '11111111111111111111111111111111~11111111111111111111111111111111'",
            "build_id := '5XwNYBv8MevsXColJhdp5s2EjCfANCmq~tuivrIE9ruZRbjLDXQKiZuxTY2PzwSmL'",
        ]),
    named("value:logdna_key", "(?i)(logdna|mezmo)", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["lo~gdna_api_token=«fe91bb199c40e074~59c522099a05ab2a»"])
        .misses(&[
            "lo~gdna_api_token=fe91bb199c40e074~59c522099a05ab2",
            "lo~gdna_api_token=cccccccccccccccc~cccccccccccccccc",
            "build_id=fe91bb199c40e074~59c522099a05ab2a",
        ]),
    named(
        "value:loggly_token",
        "(?i)loggly",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .entropy(3.0)
    .hits(&[r#""lo~ggly_token": "«27637b83-311c-ce21~-48b1-b32b5d6b0c90»""#])
    .misses(&[
        r#""lo~ggly_token": "27637b83-311c-ce21~-48b1-b32b5d6b0c9""#,
        r#""build_id": "27637b83-311c-ce21~-48b1-b32b5d6b0c90""#,
    ]),
    named("value:logzio_token", r"(?i)logz_?\.?io", "[A-Za-z]{32}")
        .entropy(3.8)
        .hits(&["LO~GZIO_API_TOKEN: «mGxaXbqnrNPuDzrb~dfGWEqDjELhPOJqM»"])
        .misses(&[
            "LO~GZIO_API_TOKEN: mGxaXbqnrNPuDzrb~dfGWEqDjELhPOJq",
            "LO~GZIO_API_TOKEN: aaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaa",
            "build_id: mGxaXbqnrNPuDzrb~dfGWEqDjELhPOJqM",
        ]),
    token("value:logfire_token", "pylf_v[0-9]_(us|eu)_[A-Za-z0-9]{40,}")
        .entropy(3.8)
        .hits(&["py~lf_v1_us_kyt7tRmyQlrfHh~sCUGXG8VJkvHUpQtVYhrfejAKV"])
        .misses(&[
            "py~lf_v1_us_kyt7tRmyQlrfH~hsCUGXG8VJkvHUpQtVYhrfejAK",
            "py~lf_v1_us_kyt7tRmyQlrfHh~sCUGXG8VJ!kvHUpQtVYhrfejAKV",
        ]),
    token(
        "value:axiom_token",
        "xa[apit]t-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .hits(&["xa~at-125878b8-71fe-d~b17-dc0c-ac843240918f"])
    .misses(&[
        "xa~at-125878b8-71fe-~db17-dc0c-ac843240918",
        "xa~at-125878b8-71fe-d~b17-dc0c-ac843240918fx",
    ]),
    named("value:rollbar_token", "(?i)rollbar", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["RO~LLBAR_SECRET := '«dc96e8f285f82b48~4fea1ccfcff22b33»'"])
        .misses(&[
            "RO~LLBAR_SECRET := 'dc96e8f285f82b48~4fea1ccfcff22b3'",
            "RO~LLBAR_SECRET := '2222222222222222~2222222222222222'",
            "build_id := 'dc96e8f285f82b48~4fea1ccfcff22b33'",
        ]),
    named("value:bugsnag_key", "(?i)bugsnag", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["BU~GSNAG_TOKEN=«ade1c76b2d85c906~f16ea323fe82f0e2»"])
        .misses(&[
            "BU~GSNAG_TOKEN=ade1c76b2d85c906~f16ea323fe82f0e",
            "BU~GSNAG_TOKEN=2222222222222222~2222222222222222",
            "build_id=ade1c76b2d85c906~f16ea323fe82f0e2",
        ]),
    named("value:raygun_key", "(?i)raygun", "[A-Za-z0-9+/]{22}==")
        .entropy(3.5)
        .hits(&[r#""ra~ygun_api_key": "«99XgFhDD2Blw~l7sdJ1OD0s==»""#])
        .misses(&[
            r#""ra~ygun_api_key": "99XgFhDD2Blw~l7sdJ1OD0s=""#,
            r#""build_id": "99XgFhDD2Blw~l7sdJ1OD0s==""#,
        ]),
    // Alerts and uptime.
    named("value:pagerduty_token", "(?i)(pager_?duty|pd_)", r"[\w+-]{20}")
        .entropy(3.3)
        .hits(&["PA~GERDUTY_API_KEY: «OlZ6ylfRFV~TwKjkp3GE3»"])
        .misses(&[
            "PA~GERDUTY_API_KEY: OlZ6ylfRFV~TwKjkp3GE",
            "PA~GERDUTY_API_KEY: aaaaaaaaaa~aaaaaaaaaa",
            "build_id: OlZ6ylfRFV~TwKjkp3GE3",
        ]),
    named("value:pagerduty_routing_key", "(?i)(pager_?duty|pd_)", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["pa~gerduty_secret := '«451efa3a159f2506~3a9da4ec325e1f4f»'"])
        .misses(&[
            "pa~gerduty_secret := '451efa3a159f2506~3a9da4ec325e1f4'",
            "pa~gerduty_secret := 'cccccccccccccccc~cccccccccccccccc'",
            "build_id := '451efa3a159f2506~3a9da4ec325e1f4f'",
        ]),
    named(
        "value:opsgenie_key",
        "(?i)ops_?genie",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .entropy(3.0)
    .hits(&["OP~SGENIE_TOKEN=«afb95cc3-11c5-73bc~-3ec3-67a1f440f613»"])
    .misses(&[
        "OP~SGENIE_TOKEN=afb95cc3-11c5-73bc~-3ec3-67a1f440f61",
        "build_id=afb95cc3-11c5-73bc~-3ec3-67a1f440f613",
    ]),
    token("value:uptimerobot_key", "(ur|m)[0-9]{6,10}-[0-9a-f]{24}")
        .entropy(3.0)
        .hits(&["ur~957715-14962d4~9efbffb0452f49324"])
        .misses(&[
            "ur~957715-14962d~49efbffb0452f4932",
            "ur~957715-14962d4~9efbffb0452f493240",
        ]),
    token("value:checkly_key", "cu_[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["cu~_52402b824213c4~507fd2a4adb075c32e"])
        .misses(&[
            "cu~_52402b824213c~4507fd2a4adb075c32",
            "cu~_52402b824213c4~507fd2a4adb075c32ea",
        ]),
    named(
        "value:betterstack_token",
        "(?i)(better_?stack|better_?uptime|logtail)",
        "[A-Za-z0-9]{24}",
    )
    .entropy(3.5)
    .hits(&[r#""BE~TTERSTACK_SECRET": "«knYJob1NjBnw~1Z1zOc3i3oRW»""#])
    .misses(&[
        r#""BE~TTERSTACK_SECRET": "knYJob1NjBnw~1Z1zOc3i3oR""#,
        r#""BE~TTERSTACK_SECRET": "cccccccccccc~cccccccccccc""#,
        r#""build_id": "knYJob1NjBnw~1Z1zOc3i3oRW""#,
    ]),
    // Analytics and flags.
    token("value:posthog_personal_key", "ph[xs]_[A-Za-z0-9]{40,}")
        .entropy(3.8)
        .hits(&["ph~s_p3q5piEzkR42Txfkh~83GSaNIG7iV1b5TswKw1afI"])
        .misses(&[
            "ph~s_p3q5piEzkR42Txfkh~83GSaNIG7iV1b5TswKw1af",
            "ph~s_p3q5piEzkR42Txfkh8~3GSaNIG!7iV1b5TswKw1afI",
        ]),
    named("value:segment_key", "(?i)segment", "[A-Za-z0-9]{32}")
        .entropy(3.8)
        .hits(&["SE~GMENT_API_TOKEN: «QxrdLAsuiivkADGW~3b8hllmSSgRZ3HIV»"])
        .misses(&[
            "SE~GMENT_API_TOKEN: QxrdLAsuiivkADGW~3b8hllmSSgRZ3HI",
            "SE~GMENT_API_TOKEN: 3333333333333333~3333333333333333",
            "build_id: QxrdLAsuiivkADGW~3b8hllmSSgRZ3HIV",
        ]),
    named("value:amplitude_key", "(?i)amplitude", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["AM~PLITUDE_SECRET := '«47f1128d6a978234~ca00e43dbf2bc5c2»'"])
        .misses(&[
            "AM~PLITUDE_SECRET := '47f1128d6a978234~ca00e43dbf2bc5c'",
            "AM~PLITUDE_SECRET := 'aaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaa'",
            "build_id := '47f1128d6a978234~ca00e43dbf2bc5c2'",
        ]),
    named("value:mixpanel_secret", "(?i)mixpanel", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["mi~xpanel_token=«13ea68de53c099b7~cb3fb0efe94eaf9d»"])
        .misses(&[
            "mi~xpanel_token=13ea68de53c099b7~cb3fb0efe94eaf9",
            "mi~xpanel_token=1111111111111111~1111111111111111",
            "build_id=13ea68de53c099b7~cb3fb0efe94eaf9d",
        ]),
    token(
        "value:launchdarkly_key",
        "(sdk|api|mob)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .hits(&["sd~k-5e48faa9-8e9c-1~c0c-d54b-41792b3c690e"])
    .misses(&[
        "sd~k-5e48faa9-8e9c-1~c0c-d54b-41792b3c690",
        "sd~k-5e48faa9-8e9c-1c~0c-d54b-41792b3c690ex",
    ]),
    token("value:statsig_key", "secret-[A-Za-z0-9]{40,}")
        .entropy(3.8)
        .hits(&["se~cret-A0yCoXKtHIIBWgbo~Y3aKLrHC2DhXTuKR7I3SNFdE"])
        .misses(&[
            "se~cret-A0yCoXKtHIIBWgb~oY3aKLrHC2DhXTuKR7I3SNFd",
            "se~cret-A0yCoXKtHIIBWgbo~Y3aKLrHC!2DhXTuKR7I3SNFdE",
        ]),
    token("value:configcat_key", r"configcat-sdk-1/[\w-]{22}/[\w-]{22}")
        .entropy(3.5)
        .hits(&["co~nfigcat-sdk-1/K5WmjcIl7QL1QH~MMnGvtfz/HA_AJ8EB3T1AUWZTSWMiTT"])
        .misses(&[
            "co~nfigcat-sdk-1/K5WmjcIl7QL1Q~HMMnGvtfz/HA_AJ8EB3T1AUWZTSWMiT",
            "co~nfigcat-sdk-1/K5WmjcIl7QL1QH~MMnGvtfz/HA_AJ8EB3T1AUWZTSWMiTT7",
        ]),
];
