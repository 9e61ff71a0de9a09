//! Applications that teams work with: documents, issues, design, forms, customer care, storefronts of content.

use super::table::{Detector, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    token("value:notion_token", "ntn_[0-9]{11}[A-Za-z0-9]{35}")
        .entropy(3.5)
        .hits(&["nt~n_31139148877z9G3lboDt~dSkyVErQt7vwV2R5beZ8ldx37C"])
        .misses(&[
            "nt~n_31139148877z9G3lboDt~dSkyVErQt7vwV2R5beZ8ldx37",
            "nt~n_31139148877z9G3lboDtd~SkyVErQt7vwV2R5beZ8ldx37Cx",
        ]),
    token("value:notion_legacy_token", "secret_[A-Za-z0-9]{43}")
        .entropy(4.0)
        .hits(&["se~cret_pZhuJLvk7hUSMD9P9~9OfRssn9miBTZ28LYShn9L58pC"])
        .misses(&[
            "se~cret_pZhuJLvk7hUSMD9P9~9OfRssn9miBTZ28LYShn9L58p",
            "se~cret_pZhuJLvk7hUSMD9P99~OfRssn9miBTZ28LYShn9L58pCx",
        ]),
    token("value:linear_key", "lin_(api|oauth)_[A-Za-z0-9]{40,}")
        .entropy(3.5)
        .hits(&["li~n_api_uoh8mqISFCwzhjS~x6ocoX3NgptDiOOBelYqiA4qE"])
        .misses(&[
            "li~n_api_uoh8mqISFCwzhjS~x6ocoX3NgptDiOOBelYqiA4q",
            "li~n_api_uoh8mqISFCwzhjSx~6ocoX3Ng!ptDiOOBelYqiA4qE",
        ]),
    token("value:airtable_token", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["pa~tfUB1EN6cuOnlJy.2475c125958ff987bdf2b2~e1cd9229c29e6393f0e63e7beb83cf9348e55302ff"])
        .misses(&[
            "pa~tfUB1EN6cuOnlJy.2475c125958ff987bdf2b2~e1cd9229c29e6393f0e63e7beb83cf9348e55302f",
            "pa~tfUB1EN6cuOnlJy.2475c125958ff987bdf2b2e~1cd9229c29e6393f0e63e7beb83cf9348e55302ff7",
        ]),
    token("value:clickup_token", "pk_[0-9]{5,9}_[A-Z0-9]{32}")
        .entropy(3.0)
        .hits(&["pk~_23780_UZIQ2ORDKY6~OKXENBE3L14QTJEFEI4L0"])
        .misses(&["pk~_23780_UZIQ2ORDKY~6OKXENBE3L14QTJEFEI4L", "pk~_23780_UZIQ2ORDKY6~OKXENBE3L14QTJEFEI4L07"]),
    token("value:asana_token", "[0-9]/[0-9]{16}(/[0-9]{16})?:[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["4/~3643688030025058:794771~2e1a3a0ad7e9623790e8c0963b"])
        .misses(&[
            "4/~3643688030025058:79477~12e1a3a0ad7e9623790e8c0963",
            "4/~3643688030025058:794771~2e1a3a0ad7e9623790e8c0963ba",
        ]),
    named("value:asana_secret", "(?i)asana", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["AS~ANA_SECRET: «af298797cb265fba~e88dc9a157a61275»"])
        .misses(&[
            "AS~ANA_SECRET: af298797cb265fba~e88dc9a157a6127",
            "AS~ANA_SECRET: 3333333333333333~3333333333333333",
            "build_id: af298797cb265fba~e88dc9a157a61275",
        ]),
    token("value:trello_token", "ATTA[0-9a-f]{72}")
        .entropy(3.0)
        .hits(&["AT~TAe695b7ffcb1a72faf118d5e1a391c2c38~b0e38092bd6f5fe02d8267878e87d0fdbf9ec55"])
        .misses(&[
            "AT~TAe695b7ffcb1a72faf118d5e1a391c2c38~b0e38092bd6f5fe02d8267878e87d0fdbf9ec5",
            "AT~TAe695b7ffcb1a72faf118d5e1a391c2c38b~0e38092bd6f5fe02d8267878e87d0fdbf9ec557",
        ]),
    named("value:trello_key", "(?i)trello", "(ATTA[0-9a-f]{72}|[0-9a-f]{64}|[0-9a-f]{32})")
        .entropy(3.0)
        .hits(&["TRELLO~_TOKEN=«91b0c5d2f7e84a6~3d19c07b5e2f84a61»"])
        .misses(&["TRELLO~_TOKEN=91b0c5d2f7e84a6~3d19c07b5e2f84a6", "TRELLO~_BOARD=91b0c5d2f7e84a6~3d19c07b5e2f84a61"]),
    token("value:figma_token", r"fig[dor]_[\w-]{40,}")
        .entropy(3.5)
        .hits(&["fi~gd_-aq5Z_TVnZ1ZoP6BS~nMJVY-mu25tjok19RphxG95"])
        .misses(&["fi~gd_-aq5Z_TVnZ1ZoP6B~SnMJVY-mu25tjok19RphxG9", "fi~gd_-aq5Z_TVnZ1ZoP6BS~nMJVY-mu!25tjok19RphxG95"]),
    named("value:miro_token", "(?i)miro", r"[\w-]{27}")
        .entropy(3.8)
        .hits(&["MI~RO_API_TOKEN := '«MRQEMsq--J-gq~AgjOnLdh6pslcM»'"])
        .misses(&[
            "MI~RO_API_TOKEN := 'MRQEMsq--J-gq~AgjOnLdh6pslc'",
            "MI~RO_API_TOKEN := 'aaaaaaaaaaaaa~aaaaaaaaaaaaaa'",
            "build_id := 'MRQEMsq--J-gq~AgjOnLdh6pslcM'",
        ]),
    token("value:contentful_token", r"CFPAT-[\w-]{43}")
        .entropy(3.5)
        .hits(&["CF~PAT-oE4lnyPnSPBDRBDjBo~KOYKS_EtnDSmv4z5zGM_ED9dC"])
        .misses(&[
            "CF~PAT-oE4lnyPnSPBDRBDjB~oKOYKS_EtnDSmv4z5zGM_ED9d",
            "CF~PAT-oE4lnyPnSPBDRBDjBo~KOYKS_EtnDSmv4z5zGM_ED9dCx",
        ]),
    named("value:contentful_delivery_token", "(?i)contentful", r"[\w-]{43}")
        .entropy(4.0)
        .hits(&["co~ntentful_api_key=«jnXH1bssPyusyIf4yR29Y~suajhdD_YRI54_xNbQH_1i»"])
        .misses(&[
            "co~ntentful_api_key=jnXH1bssPyusyIf4yR29Y~suajhdD_YRI54_xNbQH_1",
            "co~ntentful_api_key=ccccccccccccccccccccc~cccccccccccccccccccccc",
            "build_id=jnXH1bssPyusyIf4yR29Y~suajhdD_YRI54_xNbQH_1i",
        ]),
    token("value:dropbox_token", r"sl\.(u\.)?[\w-]{100,}={0,2}")
        .entropy(3.5)
        .hits(&[
            "sl~.9npMtV5QpG1H9y_4MQGOVhMw5I1C5dIX3F4THh8-GR0QqueP~IaR0pCBooWlz6Mb73Q1-1y6bsL-6_UilHJrCPAmtuVRqc7RZ-5Un",
        ])
        .misses(&[
            "sl~.9npMtV5QpG1H9y_4MQGOVhMw5I1C5dIX3F4THh8-GR0Qque~PIaR0pCBooWlz6Mb73Q1-1y6bsL-6_UilHJrCPAmtuVRqc7RZ-5U",
            "sl~.9npMtV5QpG1H9y_4MQGOVhMw5I1C5dIX3F4THh8-GR0QqueP~IaR0pCBooWlz6Mb73!Q1-1y6bsL-6_UilHJrCPAmtuVRqc7RZ-5Un",
        ]),
    named("value:dropbox_secret", "(?i)dropbox", "[a-z0-9]{15}")
        .entropy(3.2)
        .hits(&[r#""dr~opbox_api_key": "«df8b27q~j2owsuqw»""#])
        .misses(&[
            r#""dr~opbox_api_key": "df8b27q~j2owsuq""#,
            r#""dr~opbox_api_key": "1111111~11111111""#,
            r#""build_id": "df8b27q~j2owsuqw""#,
        ]),
    named("value:box_secret", "(?i)box_(client|api|app|dev)", "[A-Za-z0-9]{32}")
        .entropy(3.8)
        .hits(&["BO~X_CLIENT_API_TOKEN: «frXHTtOla41RVYlB~Z9Ypqj7alZ0k5K3Z»"])
        .misses(&[
            "BO~X_CLIENT_API_TOKEN: frXHTtOla41RVYlB~Z9Ypqj7alZ0k5K3",
            "BO~X_CLIENT_API_TOKEN: aaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaa",
            "build_id: frXHTtOla41RVYlB~Z9Ypqj7alZ0k5K3Z",
        ]),
    token("value:typeform_token", r"tfp_[A-Za-z0-9_-]{40,}(\.[\w-]+)?")
        .entropy(3.5)
        .hits(&["tf~p_Igfw5-ZmoloJT6WZy~BmOR-Z81W_ucfIPuyQr8o93"])
        .misses(&["tf~p_Igfw5-ZmoloJT6WZy~BmOR-Z81W_ucfIPuyQr8o9", "tf~p_Igfw5-ZmoloJT6WZyB~mOR-Z81!W_ucfIPuyQr8o93"]),
    token("value:hubspot_token", "pat-(na|eu|ap)[0-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
        .hits(&["pa~t-na7-d61beadc-6565~-3eaa-f2f4-1e381fd36f16"])
        .misses(&["pa~t-na7-d61beadc-6565~-3eaa-f2f4-1e381fd36f1", "pa~t-na7-d61beadc-6565-~3eaa-f2f4-1e381fd36f160"]),
    named(
        "value:hubspot_key",
        "(?i)(hubspot|hapi)",
        "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
    )
    .entropy(3.0)
    .hits(&["HU~BSPOT_TOKEN := '«0B4CAFDA-c461-8740~-A752-324AF8b668aa»'"])
    .misses(&[
        "HU~BSPOT_TOKEN := '0B4CAFDA-c461-8740~-A752-324AF8b668a'",
        "build_id := '0B4CAFDA-c461-8740~-A752-324AF8b668aa'",
    ]),
    token("value:intercom_token", "dG9rO[A-Za-z0-9+/]{50,}={0,2}")
        .entropy(3.5)
        .hits(&["dG~9rOAfXmCg2ZTni9QofLOLIkTR~z6yTs0kUEzhyXE0FEMOxT0INm0jO"])
        .misses(&[
            "dG~9rOAfXmCg2ZTni9QofLOLIkT~Rz6yTs0kUEzhyXE0FEMOxT0INm0j",
            "dG~9rOAfXmCg2ZTni9QofLOLIkTR~z6yTs0kUE!zhyXE0FEMOxT0INm0jO",
        ]),
    named("value:zendesk_token", "(?i)zendesk", "[A-Za-z0-9]{40}")
        .entropy(3.8)
        .hits(&["ZE~NDESK_API_KEY=«ygGUv9gyI5EL4xsvmBgk~VXpnCd3CNbHvSHZTpq8p»"])
        .misses(&[
            "ZE~NDESK_API_KEY=ygGUv9gyI5EL4xsvmBgk~VXpnCd3CNbHvSHZTpq8",
            "ZE~NDESK_API_KEY=11111111111111111111~11111111111111111111",
            "build_id=ygGUv9gyI5EL4xsvmBgk~VXpnCd3CNbHvSHZTpq8p",
        ]),
    named("value:freshdesk_key", "(?i)fresh(desk|service|sales|books)", "([A-Za-z0-9]{64}|[A-Za-z0-9]{20})")
        .entropy(3.3)
        .hits(&[r#""FR~ESHDESK_API_TOKEN": "«VIxiSu9v6s2JfIVFZrOsi5WZpq7sP7Mj~Y9Uf9s9dTmjXzU0eNSwHM4MNAQusv8ZM»""#])
        .misses(&[
            r#""FR~ESHDESK_API_TOKEN": "VIxiSu9v6s2JfIVFZrOsi5WZpq7sP7Mj~Y9Uf9s9dTmjXzU0eNSwHM4MNAQusv8Z""#,
            r#""FR~ESHDESK_API_TOKEN": "cccccccccccccccccccccccccccccccc~cccccccccccccccccccccccccccccccc""#,
            r#""build_id": "VIxiSu9v6s2JfIVFZrOsi5WZpq7sP7Mj~Y9Uf9s9dTmjXzU0eNSwHM4MNAQusv8ZM""#,
        ]),
    token("value:salesforce_session", r"00D[A-Za-z0-9]{12}![\w.]{80,}")
        .entropy(3.5)
        .hits(&["00~D0DkaBrao9CPU!UvN4oQifC7gTT_aAXx_u_t5JAE8VFQd~_fYaKfVsuPnnXAST3RLM_WSZkNbTLHjx18lN67wE9Bi7K2_2N"])
        .misses(&[
            "00~D0DkaBrao9CPU!UvN4oQifC7gTT_aAXx_u_t5JAE8VFQd~_fYaKfVsuPnnXAST3RLM_WSZkNbTLHjx18lN67wE9Bi7K2_2",
            "00~D0DkaBrao9CPU!UvN4oQifC7gTT_aAXx_u_t5JAE8VFQd_~fYaKfVsuPnnXAST3!RLM_WSZkNbTLHjx18lN67wE9Bi7K2_2N",
        ]),
    named("value:salesforce_secret", "(?i)(salesforce|sfdc)", "([0-9A-F]{64}|3MVG9[A-Za-z0-9._]{80})")
        .entropy(3.0)
        .hits(&["SA~LESFORCE_API_TOKEN: «2F4930C435FB616E521A42E8F2EC4983~3E541D13B79C0ABA1D17495D808B8FFC»"])
        .misses(&[
            "SA~LESFORCE_API_TOKEN: 2F4930C435FB616E521A42E8F2EC4983~3E541D13B79C0ABA1D17495D808B8FF",
            "SA~LESFORCE_API_TOKEN: 33333333333333333333333333333333~33333333333333333333333333333333",
            "build_id: 2F4930C435FB616E521A42E8F2EC4983~3E541D13B79C0ABA1D17495D808B8FFC",
        ]),
    token("value:adobe_secret", "p8e-[A-Za-z0-9_-]{32}")
        .entropy(3.5)
        .hits(&["p8~e-vd2ae2GZZ2tzW~JpxJ7BRdpelsu3WJeF3"])
        .misses(&["p8~e-vd2ae2GZZ2tzW~JpxJ7BRdpelsu3WJeF", "p8~e-vd2ae2GZZ2tzWJ~pxJ7BRdpelsu3WJeF30"]),
    token("value:frameio_token", r"fio-u-[\w-]{64}")
        .entropy(3.5)
        .hits(&["fi~o-u-agtavx21L9vbCCf4CA8_f-qJPIm9~HUsD_gzJhMDu_Pr4-u7le4hYl9-3lzyHUlF1"])
        .misses(&[
            "fi~o-u-agtavx21L9vbCCf4CA8_f-qJPIm9~HUsD_gzJhMDu_Pr4-u7le4hYl9-3lzyHUlF",
            "fi~o-u-agtavx21L9vbCCf4CA8_f-qJPIm9H~UsD_gzJhMDu_Pr4-u7le4hYl9-3lzyHUlF1a",
        ]),
    token("value:readme_key", "rdme_[a-z0-9]{70}")
        .entropy(3.5)
        .hits(&["rd~me_6nbfz4j6ji3eug02mevxlz6snas4ggdp~zzr5kwkad7w2v5xp4g62flo9rkg8lny6n3xryw"])
        .misses(&[
            "rd~me_6nbfz4j6ji3eug02mevxlz6snas4ggd~pzzr5kwkad7w2v5xp4g62flo9rkg8lny6n3xry",
            "rd~me_6nbfz4j6ji3eug02mevxlz6snas4ggdp~zzr5kwkad7w2v5xp4g62flo9rkg8lny6n3xryw7",
        ]),
    named("value:sanity_token", "(?i)sanity", "sk[A-Za-z0-9]{178}")
        .entropy(4.0)
        .hits(&[
            "sa~nity_secret := '«skFNMx6lb056CF9uhblP8knFjveplyCN3EF9FDSyCRW3CL8ZkpH66ECDepv1EgAoJswEIF4floy7zL7ExJIGcCVRui~OuckSdWJByWtkJdR7sdJswr5IhzEf7Gy49Qa0ylTlhu5TGu9JfKL9btb5V6P8ZdPk6rHhT1lFIX8kVQjdbhbxlCcjN»'",
        ])
        .misses(&[
            "sa~nity_secret := 'skFNMx6lb056CF9uhblP8knFjveplyCN3EF9FDSyCRW3CL8ZkpH66ECDepv1EgAoJswEIF4floy7zL7ExJIGcCVRui~OuckSdWJByWtkJdR7sdJswr5IhzEf7Gy49Qa0ylTlhu5TGu9JfKL9btb5V6P8ZdPk6rHhT1lFIX8kVQjdbhbxlCcj'",
            "build_id := 'skFNMx6lb056CF9uhblP8knFjveplyCN3EF9FDSyCRW3CL8ZkpH66ECDepv1EgAoJswEIF4floy7zL7ExJIGcCVRui~OuckSdWJByWtkJdR7sdJswr5IhzEf7Gy49Qa0ylTlhu5TGu9JfKL9btb5V6P8ZdPk6rHhT1lFIX8kVQjdbhbxlCcjN'",
        ]),
    named("value:algolia_key", "(?i)algolia", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["al~golia_api_key=«5cabc5b4553cfb3a~be7acf700087ac94»"])
        .misses(&[
            "al~golia_api_key=5cabc5b4553cfb3a~be7acf700087ac9",
            "al~golia_api_key=cccccccccccccccc~cccccccccccccccc",
            "build_id=5cabc5b4553cfb3a~be7acf700087ac94",
        ]),
    token("value:mapbox_secret_token", r"sk\.eyJ[\w-]{40,}\.[\w-]{20,}")
        .entropy(3.5)
        .hits(&["sk~.eyJ-XGUEVJcABp5SIH-e4M6cSl0Hzz~NL7SpDL0XLw8y.OJchn-9X97XEEgbbDTdP"])
        .misses(&[
            "sk~.eyJ-XGUEVJcABp5SIH-e4M6cSl0Hz~zNL7SpDL0XLw8y.OJchn-9X97XEEgbbDTd",
            "sk~.eyJ-XGUEVJcABp5SIH-e4M6cSl0Hzz~NL7SpDL0XLw!8y.OJchn-9X97XEEgbbDTdP",
        ]),
    named("value:calendly_secret", "(?i)calendly", r"[\w-]{43}")
        .entropy(3.8)
        .hits(&[r#""CA~LENDLY_API_KEY": "«ySjmmTPctw6oA45r5Y_jD~URlaWM3mWj-knFz-WpzwiD»""#])
        .misses(&[
            r#""CA~LENDLY_API_KEY": "ySjmmTPctw6oA45r5Y_jD~URlaWM3mWj-knFz-Wpzwi""#,
            r#""CA~LENDLY_API_KEY": "aaaaaaaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaaaaaaaa""#,
            r#""build_id": "ySjmmTPctw6oA45r5Y_jD~URlaWM3mWj-knFz-WpzwiD""#,
        ]),
    named("value:todoist_token", "(?i)todoist", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["to~doist_token: «658f8b2d33146fdd1bad~3ffdc19c3e3f1dc3b816»"])
        .misses(&[
            "to~doist_token: 658f8b2d33146fdd1bad~3ffdc19c3e3f1dc3b81",
            "to~doist_token: 22222222222222222222~22222222222222222222",
            "build_id: 658f8b2d33146fdd1bad~3ffdc19c3e3f1dc3b816",
        ]),
    named("value:pipedrive_token", "(?i)pipedrive", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["pi~pedrive_secret := '«26fd9fcc107cb17ce262~199569e5773ab8a6c02f»'"])
        .misses(&[
            "pi~pedrive_secret := '26fd9fcc107cb17ce262~199569e5773ab8a6c02'",
            "pi~pedrive_secret := '11111111111111111111~11111111111111111111'",
            "build_id := '26fd9fcc107cb17ce262~199569e5773ab8a6c02f'",
        ]),
    named("value:lokalise_token", "(?i)lokalise", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["lo~kalise_api_token=«aceacf92df3d0ee14881~83fe6dcc80e6847e4bc8»"])
        .misses(&[
            "lo~kalise_api_token=aceacf92df3d0ee14881~83fe6dcc80e6847e4bc",
            "lo~kalise_api_token=cccccccccccccccccccc~cccccccccccccccccccc",
            "build_id=aceacf92df3d0ee14881~83fe6dcc80e6847e4bc8",
        ]),
    named("value:webflow_token", "(?i)webflow", "([0-9a-f]{64}|ws-[0-9a-f]{64})")
        .entropy(3.0)
        .hits(&[r#""we~bflow_api_key": "«91948ccfcf0276ed09dacce3b0ee86a8~cf6fcbb78d0b0615f4ffa4a976cf698b»""#])
        .misses(&[
            r#""we~bflow_api_key": "91948ccfcf0276ed09dacce3b0ee86a8~cf6fcbb78d0b0615f4ffa4a976cf698""#,
            r#""we~bflow_api_key": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb~bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb""#,
            r#""build_id": "91948ccfcf0276ed09dacce3b0ee86a8~cf6fcbb78d0b0615f4ffa4a976cf698b""#,
        ]),
    named("value:maxmind_key", "(?i)(maxmind|geoip)", "([A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk|[A-Za-z0-9]{16})")
        .entropy(3.2)
        .hits(&["ma~xmind_token: «dkZNTe_WN0vxf0NTKZrH~G04rU8iBgIxP3L1G_mmk»"])
        .misses(&[
            "ma~xmind_token: dkZNTe_WN0vxf0NTKZrH~G04rU8iBgIxP3L1G_mm",
            "build_id: dkZNTe_WN0vxf0NTKZrH~G04rU8iBgIxP3L1G_mmk",
        ]),
    named("value:virustotal_key", "(?i)(virus_?total|vt_)", "[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["VI~RUSTOTAL_API_KEY := '«5ac42cd28e647f9ef8af1eb34260cdc8~248e5352c397839fdb0339b7af4503f8»'"])
        .misses(&[
            "VI~RUSTOTAL_API_KEY := '5ac42cd28e647f9ef8af1eb34260cdc8~248e5352c397839fdb0339b7af4503f'",
            "VI~RUSTOTAL_API_KEY := 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb~bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'",
            "build_id := '5ac42cd28e647f9ef8af1eb34260cdc8~248e5352c397839fdb0339b7af4503f8'",
        ]),
    named("value:shodan_key", "(?i)shodan", "[A-Za-z0-9]{32}")
        .entropy(3.8)
        .hits(&["sh~odan_api_token=«mGlEnOM6pRl9bAFG~YXh5OVI8np4UUu1x»"])
        .misses(&[
            "sh~odan_api_token=mGlEnOM6pRl9bAFG~YXh5OVI8np4UUu1",
            "sh~odan_api_token=cccccccccccccccc~cccccccccccccccc",
            "build_id=mGlEnOM6pRl9bAFG~YXh5OVI8np4UUu1x",
        ]),
    named(
        "value:rapidapi_key",
        "(?i)(rapid_?api|x-rapidapi|mashape)",
        "[0-9a-f]{10}msh[0-9a-f]{15}p1[0-9a-f]{5}jsn[0-9a-f]{12}",
    )
    .entropy(3.0)
    .hits(&[r#""RA~PIDAPI_API_KEY": "«92af3cb8c7mshc0c0ea1e1491~862p1d3115jsna8f539365452»""#])
    .misses(&[
        r#""RA~PIDAPI_API_KEY": "92af3cb8c7mshc0c0ea1e1491~862p1d3115jsna8f53936545""#,
        r#""build_id": "92af3cb8c7mshc0c0ea1e1491~862p1d3115jsna8f539365452""#,
    ]),
];
