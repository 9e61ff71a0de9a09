//! Source forges and what builds from them: GitHub, GitLab, Bitbucket, CI, code quality.

use super::check::Check;
use super::table::{Detector, behind, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    // GitHub (its announcement of token formats, 2021): kind of token, 30 random characters or more, a checksum.
    token("value:github_pat", "ghp_[A-Za-z0-9]{36,}")
        .entropy(3.0)
        .hits(&["gh~p_aIJZ5RaVMBMvr97~a4s8drZF6HXD2nN1Mepqd"])
        .misses(&["gh~p_aIJZ5RaVMBMvr97~a4s8drZF6HXD2nN1Mepq", "gh~p_aIJZ5RaVMBMvr97a~4s8drZ!F6HXD2nN1Mepqd"]),
    token("value:github_oauth_token", "gho_[A-Za-z0-9]{36,}")
        .entropy(3.0)
        .hits(&["gh~o_idzDgcZlbYHZsQm~jyLMfguKRdpmt7GvnQliz"])
        .misses(&["gh~o_idzDgcZlbYHZsQm~jyLMfguKRdpmt7GvnQli", "gh~o_idzDgcZlbYHZsQmj~yLMfgu!KRdpmt7GvnQliz"]),
    token("value:github_user_token", "ghu_[A-Za-z0-9]{36,}")
        .entropy(3.0)
        .hits(&["gh~u_1WXr622dFbpsMyh~b7wCBavWC9GW3J1UdV2eI"])
        .misses(&["gh~u_1WXr622dFbpsMyh~b7wCBavWC9GW3J1UdV2e", "gh~u_1WXr622dFbpsMyhb~7wCBav!WC9GW3J1UdV2eI"]),
    token("value:github_refresh_token", "ghr_[A-Za-z0-9]{36,}")
        .entropy(3.0)
        .hits(&["gh~r_bNwoMyToSceJ0Xi~Ro41YNcMvVd5TeTEaWjqj"])
        .misses(&["gh~r_bNwoMyToSceJ0Xi~Ro41YNcMvVd5TeTEaWjq", "gh~r_bNwoMyToSceJ0XiR~o41YNc!MvVd5TeTEaWjqj"]),
    token("value:github_server_token", r"ghs_[A-Za-z0-9]{36,}(\.[\w-]+){0,2}")
        .entropy(3.0)
        .hits(&["gh~s_OccOzcxNhux6piK~WERd34lESk2nwGRsaaHbo"])
        .misses(&["gh~s_OccOzcxNhux6piK~WERd34lESk2nwGRsaaHb", "gh~s_OccOzcxNhux6piKW~ERd34l!ESk2nwGRsaaHbo"]),
    token("value:github_fine_grained_pat", "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59,}")
        .entropy(3.5)
        .hits(&["gi~thub_pat_P8GTQOLIEb8deFB19fsuOu_9XZ0XeyZ9j1X~PqMfLkDYQcXoziUisBGV9ezpzhPMNSG5Sp1TSMf7QgKvoNG"])
        .misses(&[
            "gi~thub_pat_P8GTQOLIEb8deFB19fsuOu_9XZ0XeyZ9j1~XPqMfLkDYQcXoziUisBGV9ezpzhPMNSG5Sp1TSMf7QgKvoN",
            "gi~thub_pat_P8GTQOLIEb8deFB19fsuOu_9XZ0XeyZ9j1X~PqMfLkDYQcXoziUi!sBGV9ezpzhPMNSG5Sp1TSMf7QgKvoNG",
        ]),
    // GitLab (docs.gitlab.com, "Token prefixes"); routable tokens carry two more parts.
    token("value:gitlab_pat", r"glpat-[\w-]{20,}(\.[0-9a-z]{2}\.[0-9a-z]{9,})?")
        .entropy(2.5)
        .hits(&["gl~pat-t9LOFG~Bmvyy4qxTu3jdz"])
        .misses(&["gl~pat-t9LOFG~Bmvyy4qxTu3jd", "gl~pat-t9LOFGB~mvyy!4qxTu3jdz"]),
    token("value:gitlab_oauth_secret", r"gloas-[\w-]{64,}(\.[0-9a-z]{2}\.[0-9a-z]{9,})?")
        .entropy(2.5)
        .hits(&["gl~oas-qMKmEd_amzR-fABgDKgyzHg_PEkU~KYTpeBWhsWL-lg6_iq9HcM-PdNqjX9MX_u95"])
        .misses(&[
            "gl~oas-qMKmEd_amzR-fABgDKgyzHg_PEkU~KYTpeBWhsWL-lg6_iq9HcM-PdNqjX9MX_u9",
            "gl~oas-qMKmEd_amzR-fABgDKgyzHg_PEkUK~YTpeBWhsWL-!lg6_iq9HcM-PdNqjX9MX_u95",
        ]),
    token("value:gitlab_deploy_token", r"gldt-[\w-]{20,}(\.[0-9a-z]{2}\.[0-9a-z]{9,})?")
        .entropy(2.5)
        .hits(&["gl~dt-Vv_6H-f~-eG_tV2DkDdjG"])
        .misses(&["gl~dt-Vv_6H-f-eG_tV2DkDdj", "gl~dt-Vv_6H-f~-eG_!tV2DkDdjG"]),
    token("value:gitlab_runner_token", r"glrt-[\w-]{20,}(\.[0-9a-z]{2}\.[0-9a-z]{9,})?")
        .entropy(2.5)
        .hits(&["gl~rt-MQA3rbU~Dphc8cF6V06RO"])
        .misses(&["gl~rt-MQA3rbUDphc8cF6V06R", "gl~rt-MQA3rbU~Dphc!8cF6V06RO"]),
    token("value:gitlab_feed_token", r"glft-[\w-]{20,}(\.[0-9a-z]{2}\.[0-9a-z]{9,})?")
        .entropy(2.5)
        .hits(&["gl~ft-RSJ1ZWg~JGYnrDyMwuSqm"])
        .misses(&["gl~ft-RSJ1ZWgJGYnrDyMwuSq", "gl~ft-RSJ1ZWg~JGYn!rDyMwuSqm"]),
    token("value:gitlab_incoming_mail_token", r"glimt-[\w-]{25,}(\.[0-9a-z]{2}\.[0-9a-z]{9,})?")
        .entropy(2.5)
        .hits(&["gl~imt-Fr0s4-snZ~t_vchz0P9eEwHQha"])
        .misses(&["gl~imt-Fr0s4-sn~Zt_vchz0P9eEwHQh", "gl~imt-Fr0s4-snZ~t_vch!z0P9eEwHQha"]),
    token("value:gitlab_agent_token", r"glagent-[\w-]{50,}(\.[0-9a-z]{2}\.[0-9a-z]{9,})?")
        .entropy(2.5)
        .hits(&["gl~agent-_tPBSnZdW-CfNBQEewlN~O68Lklv5KHnHkKfefr4OU2lk-PIN6O"])
        .misses(&[
            "gl~agent-_tPBSnZdW-CfNBQEewlN~O68Lklv5KHnHkKfefr4OU2lk-PIN6",
            "gl~agent-_tPBSnZdW-CfNBQEewlNO~68Lklv5KH!nHkKfefr4OU2lk-PIN6O",
        ]),
    token("value:gitlab_scim_token", r"glsoat-[\w-]{20,}(\.[0-9a-z]{2}\.[0-9a-z]{9,})?")
        .entropy(2.5)
        .hits(&["gl~soat-KMt-Ah~PD-L3Lf45Zzm66"])
        .misses(&["gl~soat-KMt-A~hPD-L3Lf45Zzm6", "gl~soat-KMt-Ah~PD-L3!Lf45Zzm66"]),
    token("value:gitlab_feature_flags_token", r"glffct-[\w-]{20,}(\.[0-9a-z]{2}\.[0-9a-z]{9,})?")
        .entropy(2.5)
        .hits(&["gl~ffct-ExQDmE~mXdgEuIqB6qrpD"])
        .misses(&["gl~ffct-ExQDm~EmXdgEuIqB6qrp", "gl~ffct-ExQDmE~mXdgE!uIqB6qrpD"]),
    token("value:gitlab_trigger_token", "glptt-[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["gl~ptt-4ac4383107df9252~ab65fd8730f636afed313d98"])
        .misses(&[
            "gl~ptt-4ac4383107df9252~ab65fd8730f636afed313d9",
            "gl~ptt-4ac4383107df9252a~b65fd8730f636afed313d987",
        ]),
    token("value:gitlab_job_token", r"glcbt-([0-9a-f]{1,5}_)?[\w-]{20,}(\.[0-9a-z]{2}\.[0-9a-z]{9,})?")
        .entropy(2.5)
        .hits(&["gl~cbt-Z1OrMW~24gWlwSlb3Wu_C"])
        .misses(&["gl~cbt-Z1OrMW~24gWlwSlb3Wu_", "gl~cbt-Z1OrMW2~4gWl!wSlb3Wu_C"]),
    token("value:gitlab_runner_registration_token", r"GR1348941[\w-]{20}")
        .entropy(3.0)
        .hits(&["GR~1348941uAeXD~hF4bm2YHy5mhytr"])
        .misses(&["GR~1348941uAeX~DhF4bm2YHy5mhyt", "GR~1348941uAeXD~hF4bm2YHy5mhytr0"]),
    behind("value:gitlab_session", "_gitlab_session=", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["_gi~tlab_session=«a22528db7ab64e54~8409671a3e458e64»"])
        .misses(&["_gi~tlab_session=a22528db7ab64e54~8409671a3e458e6", "see a22528db7ab64e54~8409671a3e458e64"]),
    // Atlassian: Bitbucket, Jira, Confluence.
    token("value:bitbucket_app_password", "ATBB[A-Za-z0-9]{24}[0-9A-F]{8}")
        .entropy(3.0)
        .hits(&["AT~BBxHLpUfVK6KO79~SIyw8IT2OWTB21CE21F"])
        .misses(&["AT~BBxHLpUfVK6KO79~SIyw8IT2OWTB21CE21", "AT~BBxHLpUfVK6KO79S~Iyw8IT2OWTB21CE21Fa"]),
    token("value:bitbucket_access_token", r"ATCTT3xFf[\w-]{100,}(=[0-9A-F]{8})?")
        .entropy(3.5)
        .hits(&[
            "AT~CTT3xFfhRzlqvahdiMTDGfEo6zLOknFKoD77stBcSxdV6hyMFmJ6~ns9Mf7ieNdxS5yWYlzg0Sv_Ue8zNsrCR_J2qgTT-sYGA-cjCIF6yS-V",
        ])
        .misses(&[
            "AT~CTT3xFfhRzlqvahdiMTDGfEo6zLOknFKoD77stBcSxdV6hyMFmJ~6ns9Mf7ieNdxS5yWYlzg0Sv_Ue8zNsrCR_J2qgTT-sYGA-cjCIF6yS-",
            "AT~CTT3xFfhRzlqvahdiMTDGfEo6zLOknFKoD77stBcSxdV6hyMFmJ6~ns9Mf7ieNdxS5yWYlz!g0Sv_Ue8zNsrCR_J2qgTT-sYGA-cjCIF6yS-V",
        ]),
    token("value:atlassian_api_token", r"ATATT3xFf[\w-]{100,}(=[0-9A-F]{8})?")
        .entropy(3.5)
        .hits(&[
            "AT~ATT3xFfum5r5__FKzD4FahD7JOIoGh4gN-zl7VKEyYwnvSI_I_bi~MH1C6wnXN33G_4LHEAyC-u1AZsSFURf4-bDi5kKiSQTu4k-Y4XKufEE",
        ])
        .misses(&[
            "AT~ATT3xFfum5r5__FKzD4FahD7JOIoGh4gN-zl7VKEyYwnvSI_I_b~iMH1C6wnXN33G_4LHEAyC-u1AZsSFURf4-bDi5kKiSQTu4k-Y4XKufE",
            "AT~ATT3xFfum5r5__FKzD4FahD7JOIoGh4gN-zl7VKEyYwnvSI_I_bi~MH1C6wnXN33G_4LHEA!yC-u1AZsSFURf4-bDi5kKiSQTu4k-Y4XKufEE",
        ]),
    named("value:bitbucket_client_secret", "(?i)bitbucket", r"[\w-]{64}")
        .entropy(4.0)
        .hits(&["bi~tbucket_secret=«J2_evKyJOO4DJhmZ_4F4VBqQ2jrDeJUG~jdj_8l5jg0DJ5-Zo4tBMYBvh9sIb80DH»"])
        .misses(&[
            "bi~tbucket_secret=J2_evKyJOO4DJhmZ_4F4VBqQ2jrDeJUG~jdj_8l5jg0DJ5-Zo4tBMYBvh9sIb80D",
            "bi~tbucket_secret=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "build_id=J2_evKyJOO4DJhmZ_4F4VBqQ2jrDeJUG~jdj_8l5jg0DJ5-Zo4tBMYBvh9sIb80DH",
        ]),
    named("value:atlassian_legacy_token", "(?i)(atlassian|jira|confluence)", "[A-Za-z0-9]{24}")
        .entropy(3.5)
        .hits(&[r#""AT~LASSIAN_API_KEY": "«4j7A6RBm0ACj~oT2h0KgdfuND»""#])
        .misses(&[
            r#""AT~LASSIAN_API_KEY": "4j7A6RBm0ACj~oT2h0KgdfuN""#,
            r#""AT~LASSIAN_API_KEY": "aaaaaaaaaaaa~aaaaaaaaaaaa""#,
            r#""build_id": "4j7A6RBm0ACj~oT2h0KgdfuND""#,
        ]),
    // Forges that one runs oneself.
    named("value:gitea_token", "(?i)(gitea|forgejo|codeberg|gogs)", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["GI~TEA_API_KEY: «e7c92dc3d4802d892323~0dc20aaa1e9e8a5d8f48»"])
        .misses(&[
            "GI~TEA_API_KEY: e7c92dc3d4802d892323~0dc20aaa1e9e8a5d8f4",
            "GI~TEA_API_KEY: 22222222222222222222~22222222222222222222",
            "build_id: e7c92dc3d4802d892323~0dc20aaa1e9e8a5d8f48",
        ]),
    token("value:sourcegraph_token", "sgp_([0-9a-f]{16}_|local_)?[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["sg~p_08d8a0626b8e90d92~385c5e4d7e17c4151005d41"])
        .misses(&["sg~p_08d8a0626b8e90d92~385c5e4d7e17c4151005d4", "sg~p_08d8a0626b8e90d923~85c5e4d7e17c4151005d417"]),
    // Builds and releases.
    token("value:circleci_token", "CCI(PAT|PRJ)_[A-Za-z0-9]{16,}_[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["CC~IPAT_QIeA3e7ixVG17VwH_925bce4~6c7cbeaffd2f433e1de3670e0f07e6127"])
        .misses(&[
            "CC~IPAT_QIeA3e7ixVG17VwH_925bce4~6c7cbeaffd2f433e1de3670e0f07e612",
            "CC~IPAT_QIeA3e7ixVG17VwH_925bce46~c7cbeaffd2f433e1de3670e0f07e61277",
        ]),
    named("value:circleci_legacy_token", "(?i)circle_?(ci)?", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["ci~rcle_token := '«23cf338ee8503f3fa9e1~c5951c9e951b8d59c3d3»'"])
        .misses(&[
            "ci~rcle_token := '23cf338ee8503f3fa9e1~c5951c9e951b8d59c3d'",
            "ci~rcle_token := 'aaaaaaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaaaaaa'",
            "build_id := '23cf338ee8503f3fa9e1~c5951c9e951b8d59c3d3'",
        ]),
    named("value:travis_token", "(?i)travis", r"[\w-]{22}")
        .entropy(3.5)
        .hits(&["TR~AVIS_API_TOKEN=«ytrEMABq3r4~8uvh4jz5BhY»"])
        .misses(&[
            "TR~AVIS_API_TOKEN=ytrEMABq3r4~8uvh4jz5Bh",
            "TR~AVIS_API_TOKEN=33333333333~33333333333",
            "build_id=ytrEMABq3r4~8uvh4jz5BhY",
        ]),
    token("value:buildkite_token", "bk(ua|aj|pt|ct)_[0-9A-Za-z]{40,}")
        .entropy(3.0)
        .hits(&["bk~ua_ZkOFvg8NZAsFPtIX8~zYj5ot80r50cGt7wjMP3KYa"])
        .misses(&["bk~ua_ZkOFvg8NZAsFPtIX~8zYj5ot80r50cGt7wjMP3KY", "bk~ua_ZkOFvg8NZAsFPtIX8~zYj5ot80!r50cGt7wjMP3KYa"]),
    named("value:jenkins_token", "(?i)jenkins", "11[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&[r#""je~nkins_secret": "«1148c62d956c0fa89~9f741a92fb80e777c»""#])
        .misses(&[
            r#""je~nkins_secret": "1148c62d956c0fa89~9f741a92fb80e777""#,
            r#""je~nkins_secret": "11111111111111111~11111111111111111""#,
            r#""build_id": "1148c62d956c0fa89~9f741a92fb80e777c""#,
        ]),
    named("value:drone_token", "(?i)drone", "[A-Za-z0-9]{32}")
        .entropy(3.5)
        .hits(&["DR~ONE_API_TOKEN: «NKrgkrRKUg0x4QLs~sASL8e5jvSc02Jzp»"])
        .misses(&[
            "DR~ONE_API_TOKEN: NKrgkrRKUg0x4QLs~sASL8e5jvSc02Jz",
            "DR~ONE_API_TOKEN: 1111111111111111~1111111111111111",
            "build_id: NKrgkrRKUg0x4QLs~sASL8e5jvSc02Jzp",
        ]),
    token("value:harness_token", r"[ps]at\.[\w-]{22}\.[0-9a-zA-Z]{24}\.[A-Za-z0-9]{20}")
        .entropy(3.5)
        .hits(&["sa~t.r_g7peY_kTmpCGmeqIa-bp.jLimSAXp~CkNeGcFplOWKAD1l.Bx2xgFcwRwUl4GaqSUf6"])
        .misses(&[
            "sa~t.r_g7peY_kTmpCGmeqIa-bp.jLimSAXp~CkNeGcFplOWKAD1l.Bx2xgFcwRwUl4GaqSUf",
            "sa~t.r_g7peY_kTmpCGmeqIa-bp.jLimSAXpC~kNeGcFplOWKAD1l.Bx2xgFcwRwUl4GaqSUf67",
        ]),
    token("value:octopus_key", "API-[A-Z0-9]{26,32}")
        .entropy(3.2)
        .check(Check::Mixed)
        .hits(&["AP~I-FNLQ1Z0G91~JNHQC0ZEHFWFU5TC"])
        .misses(&["AP~I-FNLQ1Z0G91~JNHQC0ZEHFWFU5T", "AP~I-FNLQ1Z0G91J~NHQC0!ZEHFWFU5TC"]),
    named("value:teamcity_token", "(?i)teamcity", r"eyJ0eXAiOiAiVENWMiJ9\.[\w-]{30,}\.[\w-]{30,}")
        .entropy(3.0)
        .hits(&[
            "te~amcity_secret := '«eyJ0eXAiOiAiVENWMiJ9.XxldHo3Zv6WAqKXcvVwR~TYOXeG8Hgj.BLnPPPCe-62P-cR_p9DT666l8PtI23»'",
        ])
        .misses(&[
            "te~amcity_secret := 'eyJ0eXAiOiAiVENWMiJ9.XxldHo3Zv6WAqKXcvVwR~TYOXeG8Hgj.BLnPPPCe-62P-cR_p9DT666l8PtI2'",
            "build_id := 'eyJ0eXAiOiAiVENWMiJ9.XxldHo3Zv6WAqKXcvVwR~TYOXeG8Hgj.BLnPPPCe-62P-cR_p9DT666l8PtI23'",
        ]),
    // Code quality and security.
    token("value:sonarqube_token", "sq[pua]_[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["sq~u_18be675ecd5514783~34504d897f40e103b9c5682"])
        .misses(&["sq~u_18be675ecd5514783~34504d897f40e103b9c568", "sq~u_18be675ecd55147833~4504d897f40e103b9c5682a"]),
    named("value:sonar_legacy_token", "(?i)sonar", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["SO~NAR_TOKEN=«a445c419a8e2a31796ea~ef30482198c1f4455024»"])
        .misses(&[
            "SO~NAR_TOKEN=a445c419a8e2a31796ea~ef30482198c1f445502",
            "SO~NAR_TOKEN=bbbbbbbbbbbbbbbbbbbb~bbbbbbbbbbbbbbbbbbbb",
            "build_id=a445c419a8e2a31796ea~ef30482198c1f4455024",
        ]),
    named("value:snyk_token", "(?i)snyk", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
        .entropy(3.0)
        .hits(&[r#""SN~YK_SECRET": "«e10c9637-d8b7-d6ad~-7a81-e71083312bbd»""#])
        .misses(&[
            r#""SN~YK_SECRET": "e10c9637-d8b7-d6ad~-7a81-e71083312bb""#,
            r#""build_id": "e10c9637-d8b7-d6ad~-7a81-e71083312bbd""#,
        ]),
    named(
        "value:codecov_token",
        "(?i)codecov",
        "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})",
    )
    .entropy(3.0)
    .hits(&["co~decov_token: «85a21d0a-14af-1208~-f88c-150f53e7c775»"])
    .misses(&[
        "co~decov_token: 85a21d0a-14af-1208~-f88c-150f53e7c77",
        "build_id: 85a21d0a-14af-1208~-f88c-150f53e7c775",
    ]),
    named("value:codacy_token", "(?i)codacy", "[0-9A-Za-z]{20,32}")
        .entropy(3.3)
        .hits(&["CO~DACY_TOKEN := '«WW7IIGzDe3~Uzk0SUv1D7»'"])
        .misses(&[
            "CO~DACY_TOKEN := 'WW7IIGzDe3~Uzk0SUv1D'",
            "CO~DACY_TOKEN := '3333333333~3333333333'",
            "build_id := 'WW7IIGzDe3~Uzk0SUv1D7'",
        ]),
    token("value:infracost_key", "ico-[A-Za-z0-9]{32}")
        .entropy(3.5)
        .hits(&["ic~o-qFKQQw4WvWrRw~hoAPTbNqn2ZyIfDw7qg"])
        .misses(&["ic~o-qFKQQw4WvWrRw~hoAPTbNqn2ZyIfDw7q", "ic~o-qFKQQw4WvWrRwh~oAPTbNqn2ZyIfDw7qg7"]),
    token("value:postman_key", "PMAK-[0-9a-f]{24}-[0-9a-f]{34}")
        .entropy(3.0)
        .hits(&["PM~AK-c971519f6357478d2f9a90f6-f~fe1de71966b31c189c577413133d3c61a"])
        .misses(&[
            "PM~AK-c971519f6357478d2f9a90f6-f~fe1de71966b31c189c577413133d3c61",
            "PM~AK-c971519f6357478d2f9a90f6-ff~e1de71966b31c189c577413133d3c61a0",
        ]),
];
