//! Language models and what is built around them.

use super::check::Check;
use super::table::{Detector, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    // OpenAI: all of today’s keys contain `T3BlbkFJ`; older ones and those of compatible services are `sk-` with letters and digits.
    token("value:anthropic_key", r"sk-ant-api[0-9]{2}-[\w-]{80,}")
        .entropy(3.5)
        .samples(
            &["sk~-ant-api26-H7CMk5zlrPJN3TNyNcL9hproTsLSfgvJk~9js34xw1fDjUTKGlwfJ29zwozIbmOVz5RbYt3Ac862uC0vJ"],
            &[
                "sk~-ant-api26-H7CMk5zlrPJN3TNyNcL9hproTsLSfgvJ~k9js34xw1fDjUTKGlwfJ29zwozIbmOVz5RbYt3Ac862uC0v",
                "sk~-ant-api26-H7CMk5zlrPJN3TNyNcL9hproTsLSfgvJk~9js34xw1fDjUTKGl!wfJ29zwozIbmOVz5RbYt3Ac862uC0vJ",
            ],
        ),
    token("value:anthropic_admin_key", r"sk-ant-admin[0-9]{2}-[\w-]{80,}")
        .entropy(3.5)
        .samples(
            &["sk~-ant-admin74-zGYcPH6_g32pHe18hBXVBsobkNMlsKWd~-U3BKt1NICy_KDx5k3Gq23IXTVF7bke_vmNYzRhIG_yJ6d0g"],
            &[
                "sk~-ant-admin74-zGYcPH6_g32pHe18hBXVBsobkNMlsKW~d-U3BKt1NICy_KDx5k3Gq23IXTVF7bke_vmNYzRhIG_yJ6d0",
                "sk~-ant-admin74-zGYcPH6_g32pHe18hBXVBsobkNMlsKWd~-U3BKt1NICy_KDx5!k3Gq23IXTVF7bke_vmNYzRhIG_yJ6d0g",
            ],
        ),
    token(
        "value:anthropic_oauth_token",
        r"sk-ant-(oat|ort|sid)[0-9]{2}-[\w-]{60,}",
    )
    .entropy(3.5)
    .samples(
        &["sk~-ant-oat04-P2d1eTN4hPln5YEfJ-p2_Za~OcD7tLwxDI1y3YPT4EOiADpfZ3QsrUDPM_2bR"],
        &[
            "sk~-ant-oat04-P2d1eTN4hPln5YEfJ-p2_Z~aOcD7tLwxDI1y3YPT4EOiADpfZ3QsrUDPM_2b",
            "sk~-ant-oat04-P2d1eTN4hPln5YEfJ-p2_Za~OcD7tLwxDI1y!3YPT4EOiADpfZ3QsrUDPM_2bR",
        ],
    ),
    token("value:openrouter_key", "sk-or-v1-[0-9a-f]{64}")
        .entropy(3.0)
        .samples(
            &["sk~-or-v1-672ba96d0859d90c14b87c9792d~30d5222c09e71e718484f715f0b83aea8f51c"],
            &[
                "sk~-or-v1-672ba96d0859d90c14b87c9792~d30d5222c09e71e718484f715f0b83aea8f51",
                "sk~-or-v1-672ba96d0859d90c14b87c9792d~30d5222c09e71e718484f715f0b83aea8f51c0",
            ],
        ),
    token(
        "value:langfuse_key",
        "sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .samples(
        &["sk~-lf-2fafb1cd-4a99-~f6ac-ee78-a52e015153a8"],
        &[
            "sk~-lf-2fafb1cd-4a99-~f6ac-ee78-a52e015153a",
            "sk~-lf-2fafb1cd-4a99-f~6ac-ee78-a52e015153a87",
        ],
    ),
    token("value:openai_project_key", r"sk-(proj|svcacct|admin|None)-[\w-]{40,}")
        .entropy(3.5)
        .samples(
            &["sk~-proj-Q-xuFjrH6m_ROPp~gZf_4drQQS0771zP8_-E6uij4"],
            &[
                "sk~-proj-Q-xuFjrH6m_ROPp~gZf_4drQQS0771zP8_-E6uij",
                "sk~-proj-Q-xuFjrH6m_ROPpg~Zf_4drQQ!S0771zP8_-E6uij4",
            ],
        ),
    token("value:openai_key", "sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}")
        .entropy(3.5)
        .samples(
            &["sk~-Wq6fX3n0qHGgAVmF4ErOT3~BlbkFJYjR0Mv1pSiBhLMxin7fJ"],
            &[
                "sk~-Wq6fX3n0qHGgAVmF4ErOT~3BlbkFJYjR0Mv1pSiBhLMxin7f",
                "sk~-Wq6fX3n0qHGgAVmF4ErOT3~BlbkFJYjR0Mv1pSiBhLMxin7fJx",
            ],
        ),
    token("value:helicone_key", "sk-helicone-[a-z0-9-]{24,}")
        .entropy(3.0)
        .samples(
            &["sk~-helicone--qebp~wr0fd8b4s2k4-janlgz"],
            &[
                "sk~-helicone--qebp~wr0fd8b4s2k4-janlg",
                "sk~-helicone--qebpw~r0fd8b!4s2k4-janlgz",
            ],
        ),
    token("value:llm_key", "sk-[A-Za-z0-9]{20,}").entropy(3.5).samples(
        &["sk~-G2rJM53910JnrejKZ8oq"],
        &["sk~-G2rJM53910JnrejKZ8o", "sk~-G2rJM53910Jn!rejKZ8oq"],
    ),
    token("value:openai_session", "sess-[A-Za-z0-9]{40}")
        .entropy(3.8)
        .samples(
            &["se~ss-ojNTF8RokgZFQVjJC~5yLByoQbiwCFGgRlmZZ39Bz"],
            &[
                "se~ss-ojNTF8RokgZFQVjJ~C5yLByoQbiwCFGgRlmZZ39B",
                "se~ss-ojNTF8RokgZFQVjJC~5yLByoQbiwCFGgRlmZZ39Bz0",
            ],
        ),
    token("value:huggingface_token", "hf_[A-Za-z0-9]{34}")
        .entropy(3.5)
        .samples(
            &["hf~_pGdsDHyurUgPZfW~PnVqCYeyBlaJ79IH2z9"],
            &[
                "hf~_pGdsDHyurUgPZf~WPnVqCYeyBlaJ79IH2z",
                "hf~_pGdsDHyurUgPZfW~PnVqCYeyBlaJ79IH2z90",
            ],
        ),
    token("value:huggingface_organization_token", "api_org_[A-Za-z0-9]{34}")
        .entropy(3.5)
        .samples(
            &["ap~i_org_u9bKb7MulbD0~sxY5w6OX3DcIXgKBjMrn2S"],
            &[
                "ap~i_org_u9bKb7MulbD0~sxY5w6OX3DcIXgKBjMrn2",
                "ap~i_org_u9bKb7MulbD0s~xY5w6OX3DcIXgKBjMrn2Sa",
            ],
        ),
    token("value:replicate_token", "r8_[A-Za-z0-9]{37}")
        .entropy(3.5)
        .samples(
            &["r8~_qAKr9zlxesLLwZT0~lIBQnrUEWzpjnsv2nAgPp"],
            &[
                "r8~_qAKr9zlxesLLwZT0~lIBQnrUEWzpjnsv2nAgP",
                "r8~_qAKr9zlxesLLwZT0l~IBQnrUEWzpjnsv2nAgPpa",
            ],
        ),
    token("value:groq_key", "gsk_[A-Za-z0-9]{52}").entropy(3.8).samples(
        &["gs~k_B5WXfR8U4WJmjBxBVdtyHzB~26OzIv6U8SPnwQgK8pUHUP1MsoBUW"],
        &[
            "gs~k_B5WXfR8U4WJmjBxBVdtyHzB~26OzIv6U8SPnwQgK8pUHUP1MsoBU",
            "gs~k_B5WXfR8U4WJmjBxBVdtyHzB2~6OzIv6U8SPnwQgK8pUHUP1MsoBUW0",
        ],
    ),
    token("value:perplexity_key", "pplx-[A-Za-z0-9]{40,}")
        .entropy(3.8)
        .samples(
            &["pp~lx-fhzkOIF1VzXNRur9I~VyLOPSYXhO3gJc4qMnTMKJ8"],
            &[
                "pp~lx-fhzkOIF1VzXNRur9~IVyLOPSYXhO3gJc4qMnTMKJ",
                "pp~lx-fhzkOIF1VzXNRur9I~VyLOPSYX!hO3gJc4qMnTMKJ8",
            ],
        ),
    token("value:xai_key", "xai-[A-Za-z0-9]{80}").entropy(3.8).samples(
        &["xa~i-8H3O1PTjocS7daeyksnz36vmZIUDgPFZUvdwI~LcrRYdQM4qqG6tiOm4YWnIBhQQ2lUrfGTzhtQUxhDfN"],
        &[
            "xa~i-8H3O1PTjocS7daeyksnz36vmZIUDgPFZUvdwI~LcrRYdQM4qqG6tiOm4YWnIBhQQ2lUrfGTzhtQUxhDf",
            "xa~i-8H3O1PTjocS7daeyksnz36vmZIUDgPFZUvdwIL~crRYdQM4qqG6tiOm4YWnIBhQQ2lUrfGTzhtQUxhDfNa",
        ],
    ),
    token("value:together_key", r"tgp_v1_[\w-]{43}").entropy(3.8).samples(
        &["tg~p_v1_1ompgV7N--J8euLf2~-uD8RWUw4vygQAOFR-qyNkAC_3"],
        &[
            "tg~p_v1_1ompgV7N--J8euLf2~-uD8RWUw4vygQAOFR-qyNkAC_",
            "tg~p_v1_1ompgV7N--J8euLf2-~uD8RWUw4vygQAOFR-qyNkAC_30",
        ],
    ),
    token("value:fireworks_key", "fw_[A-Za-z0-9]{22,24}")
        .entropy(3.8)
        .check(Check::Mixed)
        .samples(
            &["fw~_OjFCqwD8H~sWAZS8Uc5lOc9"],
            &["fw~_OjFCqwD8HsWAZS8Uc5lOc", "fw~_OjFCqwD8H~sWAZ!S8Uc5lOc9"],
        ),
    token("value:nvidia_key", r"nvapi-[\w-]{60,}").entropy(3.8).samples(
        &["nv~api-w5oCVlQ8zpsyQOmypcCzalOw_G~utwK8QG7gYOM51MV3UiS38wTM-qeGQ59_X"],
        &[
            "nv~api-w5oCVlQ8zpsyQOmypcCzalOw_G~utwK8QG7gYOM51MV3UiS38wTM-qeGQ59_",
            "nv~api-w5oCVlQ8zpsyQOmypcCzalOw_Gu~twK8QG7gYOM!51MV3UiS38wTM-qeGQ59_X",
        ],
    ),
    token("value:cerebras_key", "csk-[a-z0-9]{48}").entropy(3.5).samples(
        &["cs~k-i8tfpbi8o17bngnk3j59e~sx92wsf5x94hut7w22h9w5w1g4p"],
        &[
            "cs~k-i8tfpbi8o17bngnk3j59e~sx92wsf5x94hut7w22h9w5w1g4",
            "cs~k-i8tfpbi8o17bngnk3j59es~x92wsf5x94hut7w22h9w5w1g4px",
        ],
    ),
    token("value:pinecone_key", "pcsk_[A-Za-z0-9]{4,7}_[A-Za-z0-9]{60,}")
        .entropy(3.8)
        .samples(
            &["pc~sk_WEBh_iGyiLtN8n1K3Rxt9DVddeawm~xbh8L1kuJiGHMWeBt0gCfv9mFdHXUtqnf8Pg"],
            &[
                "pc~sk_WEBh_iGyiLtN8n1K3Rxt9DVddeawm~xbh8L1kuJiGHMWeBt0gCfv9mFdHXUtqnf8P",
                "pc~sk_WEBh_iGyiLtN8n1K3Rxt9DVddeawmx~bh8L1kuJiGH!MWeBt0gCfv9mFdHXUtqnf8Pg",
            ],
        ),
    token("value:langsmith_key", "lsv2_(pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}")
        .entropy(3.0)
        .samples(
            &["ls~v2_pt_19f840b00f597078b~00038481ea9fa0a_dc1f29aa2d"],
            &[
                "ls~v2_pt_19f840b00f597078~b00038481ea9fa0a_dc1f29aa2",
                "ls~v2_pt_19f840b00f597078b~00038481ea9fa0a_dc1f29aa2d0",
            ],
        ),
    token("value:jina_key", r"jina_[0-9a-f]{32}[\w-]{28}")
        .entropy(3.5)
        .samples(
            &["ji~na_70804cf3c0727c8cd844133b122~12f0fGoxq8vFQm9HAKBo_CrheCGejQkr5"],
            &[
                "ji~na_70804cf3c0727c8cd844133b12~212f0fGoxq8vFQm9HAKBo_CrheCGejQkr",
                "ji~na_70804cf3c0727c8cd844133b122~12f0fGoxq8vFQm9HAKBo_CrheCGejQkr50",
            ],
        ),
    token("value:tavily_key", "tvly-((dev|prod)-)?[A-Za-z0-9]{32}")
        .entropy(3.5)
        .samples(
            &["tv~ly-BhGs0C8Sw51Fs~YI1XKnx3KQ49tTZF2Bd"],
            &[
                "tv~ly-BhGs0C8Sw51F~sYI1XKnx3KQ49tTZF2B",
                "tv~ly-BhGs0C8Sw51Fs~YI1XKnx3KQ49tTZF2Bdx",
            ],
        ),
    token("value:firecrawl_key", "fc-[0-9a-f]{32}").entropy(3.0).samples(
        &["fc~-d3b4f1238fe132~0e6daf34fa7c26cdad"],
        &[
            "fc~-d3b4f1238fe13~20e6daf34fa7c26cda",
            "fc~-d3b4f1238fe132~0e6daf34fa7c26cdad7",
        ],
    ),
    token("value:elevenlabs_key", "sk_[0-9a-f]{48}").entropy(3.0).samples(
        &["sk~_a2a4b7eb020d42676d5b07~df4e89c35a30b065aff042a234"],
        &[
            "sk~_a2a4b7eb020d42676d5b0~7df4e89c35a30b065aff042a23",
            "sk~_a2a4b7eb020d42676d5b07~df4e89c35a30b065aff042a234x",
        ],
    ),
    token("value:runpod_key", "rpa_[A-Z0-9]{40,}[a-z0-9]{0,6}")
        .entropy(3.5)
        .samples(
            &["rp~a_AVB5WCDRVHI5WS6NJ~2EUP5F8PWL054YQVAZ28DNJ"],
            &[
                "rp~a_AVB5WCDRVHI5WS6NJ~2EUP5F8PWL054YQVAZ28DN",
                "rp~a_AVB5WCDRVHI5WS6NJ2~EUP5F8P!WL054YQVAZ28DNJ",
            ],
        ),
    token("value:anyscale_key", "esecret_[a-z0-9]{24,}")
        .entropy(3.5)
        .samples(
            &["es~ecret_jn6jd1v~1yxgtnstbwkeevycx"],
            &[
                "es~ecret_jn6jd1v~1yxgtnstbwkeevyc",
                "es~ecret_jn6jd1v1~yxgtn!stbwkeevycx",
            ],
        ),
    token("value:e2b_key", "e2b_[0-9a-f]{40}").entropy(3.0).samples(
        &["e2~b_5b3ce8c51dc9c6ef9~c3ab292c2dfe29bd5230619"],
        &[
            "e2~b_5b3ce8c51dc9c6ef9~c3ab292c2dfe29bd523061",
            "e2~b_5b3ce8c51dc9c6ef9c~3ab292c2dfe29bd5230619x",
        ],
    ),
    token("value:browserbase_key", r"bb_live_[\w-]{27}")
        .entropy(3.5)
        .samples(
            &["bb~_live_pJ6jK8-4j~3stbR-WUkFcHyKSt4S"],
            &[
                "bb~_live_pJ6jK8-4~j3stbR-WUkFcHyKSt4",
                "bb~_live_pJ6jK8-4j~3stbR-WUkFcHyKSt4S7",
            ],
        ),
    token("value:cursor_key", "key_[0-9a-f]{64}").entropy(3.0).samples(
        &["ke~y_e9c10389c868fc057455e9d69614f~cd8b558fbfdc999bca0254bf662e734a1b8"],
        &[
            "ke~y_e9c10389c868fc057455e9d69614f~cd8b558fbfdc999bca0254bf662e734a1b",
            "ke~y_e9c10389c868fc057455e9d69614fc~d8b558fbfdc999bca0254bf662e734a1b87",
        ],
    ),
    token("value:voyage_key", r"pa-[\w-]{43}")
        .entropy(4.0)
        .check(Check::Mixed)
        .samples(
            &["pa~-CsYsBaagszbmY_Ck81z~fZabKA0ZUw40WVLwih_dGrWr"],
            &[
                "pa~-CsYsBaagszbmY_Ck81z~fZabKA0ZUw40WVLwih_dGrW",
                "pa~-CsYsBaagszbmY_Ck81zf~ZabKA0ZUw40WVLwih_dGrWrx",
            ],
        ),
    token("value:modal_token", "a[ks]-[A-Za-z0-9]{22}")
        .entropy(3.8)
        .check(Check::Mixed)
        .samples(
            &["as~-MunhOg0UJ~5uOq9JEYJzcZO"],
            &["as~-MunhOg0UJ5uOq9JEYJzcZ", "as~-MunhOg0UJ~5uOq9JEYJzcZO7"],
        ),
    token("value:wandb_key", r"wandb_v1_[\w-]{60,}").entropy(3.8).samples(
        &["wa~ndb_v1_4Ux8A1eRkyG_brAJn_-W9ZW3d~bX8v2Z_KH7kT8Xlr8AzqzC4UUW23zCRGIAF"],
        &[
            "wa~ndb_v1_4Ux8A1eRkyG_brAJn_-W9ZW3~dbX8v2Z_KH7kT8Xlr8AzqzC4UUW23zCRGIA",
            "wa~ndb_v1_4Ux8A1eRkyG_brAJn_-W9ZW3d~bX8v2Z_KH7kT!8Xlr8AzqzC4UUW23zCRGIAF",
        ],
    ),
    named("value:wandb_legacy_key", "(?i)wandb", "[0-9a-f]{40}")
        .entropy(3.0)
        .samples(
            &["WA~NDB_API_TOKEN: «c89c82366c2120947e96~89e2be3ad8144eb51a8c»"],
            &[
                "WA~NDB_API_TOKEN: c89c82366c2120947e9689e2be3ad8144eb51a8",
                "WA~NDB_API_TOKEN: 3333333333333333333333333333333333333333",
                "build_id: c89c82366c2120947e96~89e2be3ad8144eb51a8c",
            ],
        ),
    named("value:cohere_key", "(?i)(cohere|co_api)", "[A-Za-z0-9]{40}")
        .entropy(3.8)
        .samples(
            &["co~here_api_key := '«lRtjyvnixICewBtpeiSs~ihYlagy0lujYgUV54vsS»'"],
            &[
                "co~here_api_key := 'lRtjyvnixICewBtpeiSsihYlagy0lujYgUV54vs'",
                "co~here_api_key := '3333333333333333333333333333333333333333'",
                "build_id := 'lRtjyvnixICewBtpeiSs~ihYlagy0lujYgUV54vsS'",
            ],
        ),
    named("value:mistral_key", "(?i)mistral", "[A-Za-z0-9]{32}")
        .entropy(3.8)
        .samples(
            &["MI~STRAL_API_KEY=«owHDp6zteyMyPW4x~7fZMAWcHU7Br1c8D»"],
            &[
                "MI~STRAL_API_KEY=owHDp6zteyMyPW4x7fZMAWcHU7Br1c8",
                "MI~STRAL_API_KEY=33333333333333333333333333333333",
                "build_id=owHDp6zteyMyPW4x~7fZMAWcHU7Br1c8D",
            ],
        ),
    named("value:together_legacy_key", "(?i)together_?(ai)?", "[0-9a-f]{64}")
        .entropy(3.0)
        .samples(
            &[r#""TO~GETHER_TOKEN": "«2f948bea1258104352e6d04397923365~925e674b6673c04598bccc0aac9e98a9»""#],
            &[
                r#""TO~GETHER_TOKEN": "2f948bea1258104352e6d04397923365925e674b6673c04598bccc0aac9e98a""#,
                r#""TO~GETHER_TOKEN": "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc""#,
                r#""build_id": "2f948bea1258104352e6d04397923365~925e674b6673c04598bccc0aac9e98a9""#,
            ],
        ),
    named("value:deepgram_key", "(?i)deepgram", "[0-9a-f]{40}")
        .entropy(3.0)
        .samples(
            &["DE~EPGRAM_API_KEY: «dac80db351f90a117ef9~af96749e272febd06d4d»"],
            &[
                "DE~EPGRAM_API_KEY: dac80db351f90a117ef9af96749e272febd06d4",
                "DE~EPGRAM_API_KEY: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "build_id: dac80db351f90a117ef9~af96749e272febd06d4d",
            ],
        ),
    named("value:assemblyai_key", "(?i)assembly_?ai", "[0-9a-f]{32}")
        .entropy(3.0)
        .samples(
            &["as~semblyai_api_token := '«a4ecd38998699fac~a445ab55185162db»'"],
            &[
                "as~semblyai_api_token := 'a4ecd38998699faca445ab55185162d'",
                "as~semblyai_api_token := 'cccccccccccccccccccccccccccccccc'",
                "build_id := 'a4ecd38998699fac~a445ab55185162db'",
            ],
        ),
    named(
        "value:zhipu_key",
        "(?i)(zhipu|zai|bigmodel|glm)",
        r"[0-9a-f]{32}\.[A-Za-z0-9]{16}",
    )
    .entropy(3.0)
    .samples(
        &["ZH~IPU_TOKEN=«392a35e1e7650beba253b356~eefa05d3.DNaeGxIT6Q5YgRWr»"],
        &[
            "ZH~IPU_TOKEN=392a35e1e7650beba253b356eefa05d3.DNaeGxIT6Q5YgRW",
            "build_id=392a35e1e7650beba253b356~eefa05d3.DNaeGxIT6Q5YgRWr",
        ],
    ),
    named("value:qdrant_key", "(?i)qdrant", r"[\w-]{40,60}(\|[\w-]+)?")
        .entropy(3.8)
        .samples(
            &[r#""qd~rant_api_key": "«eh0tDCvrF5-89DraSM-7~gvTqWy_1Vz1qIkXiNjwF»""#],
            &[
                r#""qd~rant_api_key": "eh0tDCvrF5-89DraSM-7gvTqWy_1Vz1qIkXiNjw""#,
                r#""qd~rant_api_key": "cccccccccccccccccccccccccccccccccccccccc""#,
                r#""build_id": "eh0tDCvrF5-89DraSM-7~gvTqWy_1Vz1qIkXiNjwF""#,
            ],
        ),
    named(
        "value:exa_key",
        "(?i)exa_",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .entropy(3.0)
    .samples(
        &["EX~A__API_KEY: «7d0b5276-20f7-fa7e~-d0e9-e87b929b14c6»"],
        &[
            "EX~A__API_KEY: 7d0b5276-20f7-fa7e-d0e9-e87b929b14c",
            "build_id: 7d0b5276-20f7-fa7e~-d0e9-e87b929b14c6",
        ],
    ),
    named("value:ai21_key", "(?i)ai21", "[A-Za-z0-9]{32}")
        .entropy(3.8)
        .samples(
            &["ai~21_secret := '«CcBfMZLUkcY4v6Bo~2P2FI5Rnjn3DBEm3»'"],
            &[
                "ai~21_secret := 'CcBfMZLUkcY4v6Bo2P2FI5Rnjn3DBEm'",
                "ai~21_secret := 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'",
                "build_id := 'CcBfMZLUkcY4v6Bo~2P2FI5Rnjn3DBEm3'",
            ],
        ),
];
