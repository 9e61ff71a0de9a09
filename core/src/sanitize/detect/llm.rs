//! Language models and what is built around them.

use super::check::Check;
use super::table::{Detector, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    // OpenAI: all of today’s keys contain `T3BlbkFJ`; older ones and those of compatible services are `sk-` with letters and digits.
    token("value:anthropic_key", r"sk-ant-api[0-9]{2}-[\w-]{80,}")
        .entropy(3.5)
        .hits(&["sk~-ant-api74-k9js34xw1fDjUTKGlwfJ29zwozIbmOVz5~RbYt3Ac862uC0vJiqGYcPH6_g32pHe18hBXVBsobkNMlsKW"])
        .misses(&[
            "sk~-ant-api74-k9js34xw1fDjUTKGlwfJ29zwozIbmOVz~5RbYt3Ac862uC0vJiqGYcPH6_g32pHe18hBXVBsobkNMlsK",
            "sk~-ant-api74-k9js34xw1fDjUTKGlwfJ29zwozIbmOVz5~RbYt3Ac862uC0vJi!qGYcPH6_g32pHe18hBXVBsobkNMlsKW",
        ]),
    token("value:anthropic_admin_key", r"sk-ant-admin[0-9]{2}-[\w-]{80,}")
        .entropy(3.5)
        .hits(&["sk~-ant-admin69--U3BKt1NICy_KDx5k3Gq23IXTVF7bke_~vmNYzRhIG_yJ6d0gbh-M_N4hPln5YEfJ-p2_ZaOcD7tLwxDI"])
        .misses(&[
            "sk~-ant-admin69--U3BKt1NICy_KDx5k3Gq23IXTVF7bke~_vmNYzRhIG_yJ6d0gbh-M_N4hPln5YEfJ-p2_ZaOcD7tLwxD",
            "sk~-ant-admin69--U3BKt1NICy_KDx5k3Gq23IXTVF7bke_~vmNYzRhIG_yJ6d0g!bh-M_N4hPln5YEfJ-p2_ZaOcD7tLwxDI",
        ]),
    token(
        "value:anthropic_oauth_token",
        r"sk-ant-(oat|ort|sid)[0-9]{2}-[\w-]{60,}",
    )
    .entropy(3.5)
    .hits(&["sk~-ant-oat60-y3YPT4EOiADpfZ3QsrUDPM_~2bREZNzImQx_sQJ-WnfEjcQ1B54O1ITE-GHU2"])
    .misses(&[
        "sk~-ant-oat60-y3YPT4EOiADpfZ3QsrUDPM~_2bREZNzImQx_sQJ-WnfEjcQ1B54O1ITE-GHU",
        "sk~-ant-oat60-y3YPT4EOiADpfZ3QsrUDPM_~2bREZNzImQx_!sQJ-WnfEjcQ1B54O1ITE-GHU2",
    ]),
    token("value:openrouter_key", "sk-or-v1-[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["sk~-or-v1-5f0b83aea8f51c32fafb1cd4a99~f6acee78a52e015153a84d0d27357d68631a7"])
        .misses(&[
            "sk~-or-v1-5f0b83aea8f51c32fafb1cd4a9~9f6acee78a52e015153a84d0d27357d68631a",
            "sk~-or-v1-5f0b83aea8f51c32fafb1cd4a99~f6acee78a52e015153a84d0d27357d68631a7x",
        ]),
    token(
        "value:langfuse_key",
        "sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .hits(&["sk~-lf-dcbcbee0-882f-~f8df-d9e4-0d3b3e30f7c6"])
    .misses(&[
        "sk~-lf-dcbcbee0-882f-~f8df-d9e4-0d3b3e30f7c",
        "sk~-lf-dcbcbee0-882f-f~8df-d9e4-0d3b3e30f7c6x",
    ]),
    token("value:openai_project_key", r"sk-(proj|svcacct|admin|None)-[\w-]{40,}")
        .entropy(3.5)
        .hits(&["sk~-proj-gMkrMnRoWfn_AFr~jMpBMnJ76oBYbAmm7kraZiQNu"])
        .misses(&[
            "sk~-proj-gMkrMnRoWfn_AFr~jMpBMnJ76oBYbAmm7kraZiQN",
            "sk~-proj-gMkrMnRoWfn_AFrj~MpBMnJ76!oBYbAmm7kraZiQNu",
        ]),
    token("value:openai_key", "sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}")
        .entropy(3.5)
        .hits(&["sk~-rSz12kgfyK841ntFxdoJT3~BlbkFJOCqsfrkAwDskttNFVLoJ"])
        .misses(&[
            "sk~-rSz12kgfyK841ntFxdoJT~3BlbkFJOCqsfrkAwDskttNFVLo",
            "sk~-rSz12kgfyK841ntFxdoJT3~BlbkFJOCqsfrkAwDskttNFVLoJa",
        ]),
    token("value:helicone_key", "sk-helicone-[a-z0-9-]{24,}")
        .entropy(3.0)
        .hits(&["sk~-helicone-zj30k~n8zvclqcrz93dupwvyb"])
        .misses(&[
            "sk~-helicone-zj30k~n8zvclqcrz93dupwvy",
            "sk~-helicone-zj30kn~8zvclq!crz93dupwvyb",
        ]),
    token("value:llm_key", "sk-[A-Za-z0-9]{20,}")
        .entropy(3.5)
        .hits(&["sk~-laJ79IH2z9ok5u9bKb7M"])
        .misses(&["sk~-laJ79IH2z9ok5u9bKb7", "sk~-laJ79IH2z9ok!5u9bKb7M"]),
    token("value:openai_session", "sess-[A-Za-z0-9]{40}")
        .entropy(3.8)
        .hits(&["se~ss-ulbD0sxY5w6OX3DcI~XgKBjMrn2SdoGqAKr9zlxes"])
        .misses(&[
            "se~ss-ulbD0sxY5w6OX3Dc~IXgKBjMrn2SdoGqAKr9zlxe",
            "se~ss-ulbD0sxY5w6OX3DcI~XgKBjMrn2SdoGqAKr9zlxesa",
        ]),
    token("value:huggingface_token", "hf_[A-Za-z0-9]{34}")
        .entropy(3.5)
        .hits(&["hf~_LwZT0lIBQnrUEWz~pjnsv2nAgPppNB5WXfR"])
        .misses(&[
            "hf~_LwZT0lIBQnrUEW~zpjnsv2nAgPppNB5WXf",
            "hf~_LwZT0lIBQnrUEWz~pjnsv2nAgPppNB5WXfR7",
        ]),
    token("value:huggingface_organization_token", "api_org_[A-Za-z0-9]{34}")
        .entropy(3.5)
        .hits(&["ap~i_org_U4WJmjBxBVdt~yHzB26OzIv6U8SPnwQgK8p"])
        .misses(&[
            "ap~i_org_U4WJmjBxBVdt~yHzB26OzIv6U8SPnwQgK8",
            "ap~i_org_U4WJmjBxBVdty~HzB26OzIv6U8SPnwQgK8px",
        ]),
    token("value:replicate_token", "r8_[A-Za-z0-9]{37}")
        .entropy(3.5)
        .hits(&["r8~_HUP1MsoBUWa5fhzk~OIF1VzXNRur9IVyLOPSYX"])
        .misses(&[
            "r8~_HUP1MsoBUWa5fhzk~OIF1VzXNRur9IVyLOPSY",
            "r8~_HUP1MsoBUWa5fhzkO~IF1VzXNRur9IVyLOPSYXx",
        ]),
    token("value:groq_key", "gsk_[A-Za-z0-9]{52}")
        .entropy(3.8)
        .hits(&["gs~k_3gJc4qMnTMKJ88H3O1PTjoc~S7daeyksnz36vmZIUDgPFZUvdwILc"])
        .misses(&[
            "gs~k_3gJc4qMnTMKJ88H3O1PTjoc~S7daeyksnz36vmZIUDgPFZUvdwIL",
            "gs~k_3gJc4qMnTMKJ88H3O1PTjocS~7daeyksnz36vmZIUDgPFZUvdwILcx",
        ]),
    token("value:perplexity_key", "pplx-[A-Za-z0-9]{40,}")
        .entropy(3.8)
        .hits(&["pp~lx-YdQM4qqG6tiOm4YWn~IBhQQ2lUrfGTzhtQUxhDfNJ"])
        .misses(&[
            "pp~lx-YdQM4qqG6tiOm4YW~nIBhQQ2lUrfGTzhtQUxhDfN",
            "pp~lx-YdQM4qqG6tiOm4YWn~IBhQQ2lU!rfGTzhtQUxhDfNJ",
        ]),
    token("value:xai_key", "xai-[A-Za-z0-9]{80}")
        .entropy(3.8)
        .hits(&["xa~i-jW1t6ofumqjpSJg57Vd7daN0K212iDh1JLr8d~2esFusuLsJfwX20m2N3ubDDE88TqRtjWfAU4YwCT4nv"])
        .misses(&[
            "xa~i-jW1t6ofumqjpSJg57Vd7daN0K212iDh1JLr8d~2esFusuLsJfwX20m2N3ubDDE88TqRtjWfAU4YwCT4n",
            "xa~i-jW1t6ofumqjpSJg57Vd7daN0K212iDh1JLr8d2~esFusuLsJfwX20m2N3ubDDE88TqRtjWfAU4YwCT4nvx",
        ]),
    token("value:together_key", r"tgp_v1_[\w-]{43}")
        .entropy(3.8)
        .hits(&["tg~p_v1_MDIgfF1eOgozP2T3f~-wHWScOGklXNFwukPA5rwNrG7H"])
        .misses(&[
            "tg~p_v1_MDIgfF1eOgozP2T3f~-wHWScOGklXNFwukPA5rwNrG7",
            "tg~p_v1_MDIgfF1eOgozP2T3f-~wHWScOGklXNFwukPA5rwNrG7H7",
        ]),
    token("value:fireworks_key", "fw_[A-Za-z0-9]{22,24}")
        .entropy(3.8)
        .check(Check::Mixed)
        .hits(&["fw~_M2zX6aAgl~8fOZRw0enXUBd"])
        .misses(&["fw~_M2zX6aAgl8fOZRw0enXUB", "fw~_M2zX6aAgl~8fOZ!Rw0enXUBd"]),
    token("value:nvidia_key", r"nvapi-[\w-]{60,}")
        .entropy(3.8)
        .hits(&["nv~api-aDA24n77YVoW3d-JO_iS38wTM-~qeGQ59_XI8FvIsriNNihE9_54U7W_W14RB"])
        .misses(&[
            "nv~api-aDA24n77YVoW3d-JO_iS38wTM-~qeGQ59_XI8FvIsriNNihE9_54U7W_W14R",
            "nv~api-aDA24n77YVoW3d-JO_iS38wTM-q~eGQ59_XI8Fv!IsriNNihE9_54U7W_W14RB",
        ]),
    token("value:cerebras_key", "csk-[a-z0-9]{48}")
        .entropy(3.5)
        .hits(&["cs~k-gln81k3r9dv8l1jghmwb0~c9fhxu8p2juh90n11uaiez1fhn1"])
        .misses(&[
            "cs~k-gln81k3r9dv8l1jghmwb0~c9fhxu8p2juh90n11uaiez1fhn",
            "cs~k-gln81k3r9dv8l1jghmwb0c~9fhxu8p2juh90n11uaiez1fhn10",
        ]),
    token("value:pinecone_key", "pcsk_[A-Za-z0-9]{4,7}_[A-Za-z0-9]{60,}")
        .entropy(3.8)
        .hits(&["pc~sk_n06H_9HXh2TvclLIVL0KywQoOy3V4~JiLfZK4Q5lXF0Ho1X8PU7xP1knZiEr5pFmPH"])
        .misses(&[
            "pc~sk_n06H_9HXh2TvclLIVL0KywQoOy3V4~JiLfZK4Q5lXF0Ho1X8PU7xP1knZiEr5pFmP",
            "pc~sk_n06H_9HXh2TvclLIVL0KywQoOy3V4J~iLfZK4Q5lXF!0Ho1X8PU7xP1knZiEr5pFmPH",
        ]),
    token("value:langsmith_key", "lsv2_(pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}")
        .entropy(3.0)
        .hits(&["ls~v2_pt_cd844133b12212f0f~89c24277d548459_ade5310ba6"])
        .misses(&[
            "ls~v2_pt_cd844133b12212f0~f89c24277d548459_ade5310ba",
            "ls~v2_pt_cd844133b12212f0f~89c24277d548459_ade5310ba60",
        ]),
    token("value:jina_key", r"jina_[0-9a-f]{32}[\w-]{28}")
        .entropy(3.5)
        .hits(&["ji~na_f34b6b84cd722358064e20790a1~ad24e2maarV-tHS650TlRgUm9E4nQLaKk"])
        .misses(&[
            "ji~na_f34b6b84cd722358064e20790a~1ad24e2maarV-tHS650TlRgUm9E4nQLaK",
            "ji~na_f34b6b84cd722358064e20790a1~ad24e2maarV-tHS650TlRgUm9E4nQLaKk7",
        ]),
    token("value:tavily_key", "tvly-((dev|prod)-)?[A-Za-z0-9]{32}")
        .entropy(3.5)
        .hits(&["tv~ly-NESYhM05ll0QX~8ZtjY5CFyjwCRAN1oFR"])
        .misses(&[
            "tv~ly-NESYhM05ll0Q~X8ZtjY5CFyjwCRAN1oF",
            "tv~ly-NESYhM05ll0QX~8ZtjY5CFyjwCRAN1oFRx",
        ]),
    token("value:firecrawl_key", "fc-[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["fc~-4e89c35a30b065~aff042a234f5f5266d"])
        .misses(&[
            "fc~-4e89c35a30b06~5aff042a234f5f5266",
            "fc~-4e89c35a30b065~aff042a234f5f5266dx",
        ]),
    token("value:elevenlabs_key", "sk_[0-9a-f]{48}")
        .entropy(3.0)
        .hits(&["sk~_892e3b917fc274ca022df5~146b99b3960f08ebee5a77f65b"])
        .misses(&[
            "sk~_892e3b917fc274ca022df~5146b99b3960f08ebee5a77f65",
            "sk~_892e3b917fc274ca022df5~146b99b3960f08ebee5a77f65b0",
        ]),
    token("value:runpod_key", "rpa_[A-Z0-9]{40,}[a-z0-9]{0,6}")
        .entropy(3.5)
        .hits(&["rp~a_OSGPB2XQPJPDTZUJP~7KM4J5P4RVS4JNQB570C2JO"])
        .misses(&[
            "rp~a_OSGPB2XQPJPDTZUJP~7KM4J5P4RVS4JNQB570C2J",
            "rp~a_OSGPB2XQPJPDTZUJP7~KM4J5P4!RVS4JNQB570C2JO",
        ]),
    token("value:anyscale_key", "esecret_[a-z0-9]{24,}")
        .entropy(3.5)
        .hits(&["es~ecret_7vju63z~kz82tb4bt344rr2m6"])
        .misses(&[
            "es~ecret_7vju63z~kz82tb4bt344rr2m",
            "es~ecret_7vju63zk~z82tb!4bt344rr2m6",
        ]),
    token("value:e2b_key", "e2b_[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["e2~b_e4fdfc07f5867aae7~6a26e6e9c10389c868fc057"])
        .misses(&[
            "e2~b_e4fdfc07f5867aae7~6a26e6e9c10389c868fc05",
            "e2~b_e4fdfc07f5867aae76~a26e6e9c10389c868fc0577",
        ]),
    token("value:browserbase_key", r"bb_live_[\w-]{27}")
        .entropy(3.5)
        .hits(&["bb~_live_kbXdQu3sP~iGjpUMOIJo15yUig5E"])
        .misses(&[
            "bb~_live_kbXdQu3s~PiGjpUMOIJo15yUig5",
            "bb~_live_kbXdQu3sP~iGjpUMOIJo15yUig5E0",
        ]),
    token("value:cursor_key", "key_[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["ke~y_4a1b863d6c35afeaa7340c26c5444~08015a5c0ffcfa2b02f4ad3f0ea822f8bc0"])
        .misses(&[
            "ke~y_4a1b863d6c35afeaa7340c26c5444~08015a5c0ffcfa2b02f4ad3f0ea822f8bc",
            "ke~y_4a1b863d6c35afeaa7340c26c54440~8015a5c0ffcfa2b02f4ad3f0ea822f8bc0x",
        ]),
    token("value:voyage_key", r"pa-[\w-]{43}")
        .entropy(4.0)
        .check(Check::Mixed)
        .hits(&["pa~-u9YcF4Ux8A1eRkyG_br~AJn_-W9ZW3dbX8v2Z_KH7kT8"])
        .misses(&[
            "pa~-u9YcF4Ux8A1eRkyG_br~AJn_-W9ZW3dbX8v2Z_KH7kT",
            "pa~-u9YcF4Ux8A1eRkyG_brA~Jn_-W9ZW3dbX8v2Z_KH7kT8a",
        ]),
    token("value:modal_token", "a[ks]-[A-Za-z0-9]{22}")
        .entropy(3.8)
        .check(Check::Mixed)
        .hits(&["as~-XlEbrv08B~EAP2zeeqpHzkN"])
        .misses(&["as~-XlEbrv08BEAP2zeeqpHzk", "as~-XlEbrv08B~EAP2zeeqpHzkN7"]),
    token("value:wandb_key", r"wandb_v1_[\w-]{60,}")
        .entropy(3.8)
        .hits(&["wa~ndb_v1_4UUW23zCRGIAFJupiO5I9jzoT~bGdd5WT7lXzT3sGutFljnIwpSha0jU4Stgw"])
        .misses(&[
            "wa~ndb_v1_4UUW23zCRGIAFJupiO5I9jzo~TbGdd5WT7lXzT3sGutFljnIwpSha0jU4Stg",
            "wa~ndb_v1_4UUW23zCRGIAFJupiO5I9jzoT~bGdd5WT7lXzT!3sGutFljnIwpSha0jU4Stgw",
        ]),
    named("value:wandb_legacy_key", "(?i)wandb", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["wa~ndb_api_key := '«863bc23b58f350463c72~f948bea1258104352e6d»'"])
        .misses(&[
            "wa~ndb_api_key := '863bc23b58f350463c72~f948bea1258104352e6'",
            "wa~ndb_api_key := 'bbbbbbbbbbbbbbbbbbbb~bbbbbbbbbbbbbbbbbbbb'",
            "build_id := '863bc23b58f350463c72~f948bea1258104352e6d'",
        ]),
    named("value:cohere_key", "(?i)(cohere|co_api)", "[A-Za-z0-9]{40}")
        .entropy(3.8)
        .hits(&["CO~HERE_TOKEN=«6hJFJy477niDvBIqz5BT~ZDE8MgiiqCCFlw7gbP1z»"])
        .misses(&[
            "CO~HERE_TOKEN=6hJFJy477niDvBIqz5BT~ZDE8MgiiqCCFlw7gbP1",
            "CO~HERE_TOKEN=33333333333333333333~33333333333333333333",
            "build_id=6hJFJy477niDvBIqz5BT~ZDE8MgiiqCCFlw7gbP1z",
        ]),
    named("value:mistral_key", "(?i)mistral", "[A-Za-z0-9]{32}")
        .entropy(3.8)
        .hits(&[r#""mi~stral_secret": "«IGhMPrOWO0LLOrYe~IhSIGrfctcdKICMe»""#])
        .misses(&[
            r#""mi~stral_secret": "IGhMPrOWO0LLOrYe~IhSIGrfctcdKICM""#,
            r#""mi~stral_secret": "cccccccccccccccc~cccccccccccccccc""#,
            r#""build_id": "IGhMPrOWO0LLOrYe~IhSIGrfctcdKICMe""#,
        ]),
    named("value:together_legacy_key", "(?i)together_?(ai)?", "[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["TO~GETHER_TOKEN: «c80db351f90a117ef9af96749e272feb~d06d4d312a4ecd38998699faca445ab5»"])
        .misses(&[
            "TO~GETHER_TOKEN: c80db351f90a117ef9af96749e272feb~d06d4d312a4ecd38998699faca445ab",
            "TO~GETHER_TOKEN: 33333333333333333333333333333333~33333333333333333333333333333333",
            "build_id: c80db351f90a117ef9af96749e272feb~d06d4d312a4ecd38998699faca445ab5",
        ]),
    named("value:deepgram_key", "(?i)deepgram", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["DE~EPGRAM_API_KEY := '«85162dbfa392a35e1e76~50beba253b356eefa05d»'"])
        .misses(&[
            "DE~EPGRAM_API_KEY := '85162dbfa392a35e1e76~50beba253b356eefa05'",
            "DE~EPGRAM_API_KEY := '22222222222222222222~22222222222222222222'",
            "build_id := '85162dbfa392a35e1e76~50beba253b356eefa05d'",
        ]),
    named("value:assemblyai_key", "(?i)assembly_?ai", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["as~semblyai_token=«89e3d2d66b9bbf05~5668687a2168d4c4»"])
        .misses(&[
            "as~semblyai_token=89e3d2d66b9bbf05~5668687a2168d4c",
            "as~semblyai_token=2222222222222222~2222222222222222",
            "build_id=89e3d2d66b9bbf05~5668687a2168d4c4",
        ]),
    named(
        "value:zhipu_key",
        "(?i)(zhipu|zai|bigmodel|glm)",
        r"[0-9a-f]{32}\.[A-Za-z0-9]{16}",
    )
    .entropy(3.0)
    .hits(&[r#""zh~ipu_api_key": "«c69eb1c2f3eeee121db0f9c7~06f89b3c.LiobNlYjVTwXHFpw»""#])
    .misses(&[
        r#""zh~ipu_api_key": "c69eb1c2f3eeee121db0f9c7~06f89b3c.LiobNlYjVTwXHFp""#,
        r#""build_id": "c69eb1c2f3eeee121db0f9c7~06f89b3c.LiobNlYjVTwXHFpw""#,
    ]),
    named("value:qdrant_key", "(?i)qdrant", r"[\w-]{40,60}(\|[\w-]+)?")
        .entropy(3.8)
        .hits(&["qd~rant_token: «Q-4CaVnk1JnHJIdo9XLC~fLcvo-5jDm_BnZKsVkMj»"])
        .misses(&[
            "qd~rant_token: Q-4CaVnk1JnHJIdo9XLC~fLcvo-5jDm_BnZKsVkM",
            "qd~rant_token: 22222222222222222222~22222222222222222222",
            "build_id: Q-4CaVnk1JnHJIdo9XLC~fLcvo-5jDm_BnZKsVkMj",
        ]),
    named(
        "value:exa_key",
        "(?i)exa_",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .entropy(3.0)
    .hits(&["ex~a_secret := '«a8684baa-8ce4-03a7~-4426-2747295ef6a5»'"])
    .misses(&[
        "ex~a_secret := 'a8684baa-8ce4-03a7~-4426-2747295ef6a'",
        "build_id := 'a8684baa-8ce4-03a7~-4426-2747295ef6a5'",
    ]),
    named("value:ai21_key", "(?i)ai21", "[A-Za-z0-9]{32}")
        .entropy(3.8)
        .hits(&["AI~21_API_KEY=«y1RHBFhAYLoYi2lq~9YL82XjB2Zi3afN6»"])
        .misses(&[
            "AI~21_API_KEY=y1RHBFhAYLoYi2lq~9YL82XjB2Zi3afN",
            "AI~21_API_KEY=cccccccccccccccc~cccccccccccccccc",
            "build_id=y1RHBFhAYLoYi2lq~9YL82XjB2Zi3afN6",
        ]),
];
