//! Cloud providers and hosting: access keys, API tokens, database passwords.

use super::check::Check;
use super::table::{Detector, behind, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    // AWS: access keys (RFC 4648 base32 behind the kind of key), their secrets, session tokens, Bedrock keys, signatures of prepared URLs.
    token("value:aws_access_key", "(AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}")
        .entropy(3.0)
        .hits(&["AK~IAVZBJIFPCM3WZ4NHF"])
        .misses(&["AK~IAVZBJIFPCM3WZ4NH", "AK~IAVZBJIFPCM3WZ4NHF0"]),
    named("value:aws_secret_key", "(?i)(aws|secret_?access_?key|amazon)", "[A-Za-z0-9/+]{40}")
        .entropy(4.1)
        .hits(&["aw~s_secret_access_key=«EB2Q9GuDeJWGV7Ij8JVz~S6sdWdwuohTzTDLcKhgf»"])
        .misses(&[
            "aw~s_secret_access_key=EB2Q9GuDeJWGV7Ij8JVz~S6sdWdwuohTzTDLcKhg",
            "aw~s_secret_access_key=22222222222222222222~22222222222222222222",
            "build_id=EB2Q9GuDeJWGV7Ij8JVz~S6sdWdwuohTzTDLcKhgf",
        ]),
    named(
        "value:aws_session_token",
        "(?i)(aws_?session_?token|aws_?security_?token|x-amz-security-token|session_?token)",
        "[A-Za-z0-9/+]{100,}={0,2}",
    )
    .entropy(4.0)
    .hits(&[
        r#""AW~SSESSIONTOKEN": "«SSXjFkkzFUdOoOUVmyOp2LLr0TCj44M1DUvOkowYDqisenrgtX~GF3llzhZDOZycpdBrAUGTUEGzdNCSr4qDzb0Bi4VtiOonVhoS1»""#,
    ])
    .misses(&[
        r#""AW~SSESSIONTOKEN": "SSXjFkkzFUdOoOUVmyOp2LLr0TCj44M1DUvOkowYDqisenrgtX~GF3llzhZDOZycpdBrAUGTUEGzdNCSr4qDzb0Bi4VtiOonVhoS""#,
        r#""AW~SSESSIONTOKEN": "cccccccccccccccccccccccccccccccccccccccccccccccccc~cccccccccccccccccccccccccccccccccccccccccccccccccc""#,
        r#""build_id": "SSXjFkkzFUdOoOUVmyOp2LLr0TCj44M1DUvOkowYDqisenrgtX~GF3llzhZDOZycpdBrAUGTUEGzdNCSr4qDzb0Bi4VtiOonVhoS1""#,
    ]),
    token("value:aws_bedrock_key", "ABSK[A-Za-z0-9+/]{109,269}={0,2}")
        .entropy(4.0)
        .hits(&[
            "AB~SKokbJ0OY2Lk6cQ4jAELn9leBQXaPUY7CyW1H8B0wzLFcSDU9CI9jA~w6KOC6eaIgKET2AAPFaWT8oEMmc60a4FggHVSb8GzsRjuQeOMjYxtuRdx",
        ])
        .misses(&[
            "AB~SKokbJ0OY2Lk6cQ4jAELn9leBQXaPUY7CyW1H8B0wzLFcSDU9CI9j~Aw6KOC6eaIgKET2AAPFaWT8oEMmc60a4FggHVSb8GzsRjuQeOMjYxtuRd",
            "AB~SKokbJ0OY2Lk6cQ4jAELn9leBQXaPUY7CyW1H8B0wzLFcSDU9CI9jA~w6KOC6eaIgKET2AAPFa!WT8oEMmc60a4FggHVSb8GzsRjuQeOMjYxtuRdx",
        ]),
    token("value:aws_bedrock_session_key", "bedrock-api-key-[A-Za-z0-9+/]{40,}={0,2}")
        .hits(&["be~drock-api-key-9PmGj3UtKYJ~r6DrpHVyL0Kka12fiiQFibf1bn4ky"])
        .misses(&[
            "be~drock-api-key-9PmGj3UtKYJ~r6DrpHVyL0Kka12fiiQFibf1bn4k",
            "be~drock-api-key-9PmGj3UtKYJr~6DrpHVyL0!Kka12fiiQFibf1bn4ky",
        ]),
    token("value:aws_mws_key", r"amzn\.mws\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
        .hits(&["am~zn.mws.55f4616b-be32~-d385-0dd9-4a8499c7dea4"])
        .misses(&["am~zn.mws.55f4616b-be3~2-d385-0dd9-4a8499c7dea", "am~zn.mws.55f4616b-be32~-d385-0dd9-4a8499c7dea4x"]),
    behind("value:aws_signature", "(?i)x-amz-signature(=|%3D)", "[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["x-a~mz-signature=«902ff97b5abe32a2f65b0c3b75dbef24~788bac22896d11fdb226d72ffdc619d4»"])
        .misses(&[
            "x-a~mz-signature=902ff97b5abe32a2f65b0c3b75dbef24~788bac22896d11fdb226d72ffdc619d",
            "see 902ff97b5abe32a2f65b0c3b75dbef24~788bac22896d11fdb226d72ffdc619d4",
        ]),
    // Google Cloud: API keys, OAuth secrets and tokens, interoperability keys of Cloud Storage, signatures of prepared URLs.
    token("value:gcp_api_key", r"AIza[\w-]{35}")
        .entropy(3.5)
        .hits(&["AI~zaThH-14oHh-R-LXV~krpH2X9oU-Do1GHvNu_2"])
        .misses(&["AI~zaThH-14oHh-R-LX~VkrpH2X9oU-Do1GHvNu_", "AI~zaThH-14oHh-R-LXV~krpH2X9oU-Do1GHvNu_20"]),
    token("value:gcp_oauth_secret", r"GOCSPX-[\w-]{28}")
        .entropy(3.5)
        .hits(&["GO~CSPX-p82YUjQC1n~ydUCQwI-k0U6DW7rMk"])
        .misses(&["GO~CSPX-p82YUjQC1~nydUCQwI-k0U6DW7rM", "GO~CSPX-p82YUjQC1n~ydUCQwI-k0U6DW7rMka"]),
    token("value:gcp_access_token", r"ya29\.[\w-]{20,}(\.[\w-]+)?")
        .entropy(3.0)
        .hits(&["ya~29.2un7X5B~1qZof5Rzq7qfH"])
        .misses(&["ya~29.2un7X5B1qZof5Rzq7qf", "ya~29.2un7X5B~1qZo!f5Rzq7qfH"]),
    token("value:gcp_refresh_token", r"1//0[\w-]{40,}")
        .entropy(3.5)
        .hits(&["1/~/0yGkRk8vfhVGilGPw9~iC6Xl8S6Z39SMriBJt7VdAW"])
        .misses(&["1/~/0yGkRk8vfhVGilGPw9~iC6Xl8S6Z39SMriBJt7VdA", "1/~/0yGkRk8vfhVGilGPw9i~C6Xl8S6!Z39SMriBJt7VdAW"]),
    token("value:gcp_storage_hmac_id", "GOOG1E[A-Z0-9]{55}")
        .entropy(3.0)
        .hits(&["GO~OG1EFWFJ1NEEYEW3EIS7TG1UGNE7~3LP758WTHSP2KC2R3QR55EFY2DCL3PB"])
        .misses(&[
            "GO~OG1EFWFJ1NEEYEW3EIS7TG1UGNE~73LP758WTHSP2KC2R3QR55EFY2DCL3P",
            "GO~OG1EFWFJ1NEEYEW3EIS7TG1UGNE7~3LP758WTHSP2KC2R3QR55EFY2DCL3PB0",
        ]),
    behind("value:gcp_signature", "(?i)x-goog-signature(=|%3D)", "[0-9a-f]{256,}")
        .entropy(3.0)
        .hits(&[
            "x-g~oog-signature=«207f87036b91fde72c22136b49a557f16507bf9d2d9d7fd3c49f452996d80897c6fa4d1b6d898b4fd9088862881e8472d96b46edb48de271d5770391817ace9e~5517adb3d8963ed872bb820dcc460386411d1323bbf3ed674d401514ccf21137be828796d87c4a602de22b277fb2a1f9b6fe9d4f21835ef19be4e1c7611a5f3a»",
        ])
        .misses(&[
            "x-g~oog-signature=207f87036b91fde72c22136b49a557f16507bf9d2d9d7fd3c49f452996d80897c6fa4d1b6d898b4fd9088862881e8472d96b46edb48de271d5770391817ace9e~5517adb3d8963ed872bb820dcc460386411d1323bbf3ed674d401514ccf21137be828796d87c4a602de22b277fb2a1f9b6fe9d4f21835ef19be4e1c7611a5f3",
            "see 207f87036b91fde72c22136b49a557f16507bf9d2d9d7fd3c49f452996d80897c6fa4d1b6d898b4fd9088862881e8472d96b46edb48de271d5770391817ace9e~5517adb3d8963ed872bb820dcc460386411d1323bbf3ed674d401514ccf21137be828796d87c4a602de22b277fb2a1f9b6fe9d4f21835ef19be4e1c7611a5f3a",
        ]),
    // Azure: client secrets, keys in connection strings, shared access signatures, DevOps tokens, keys of its services.
    named(
        "value:azure_client_secret",
        "(?i)(azure|arm_client|client_?secret|aad|entra|app_?secret)",
        r"[\w~.]{3}\dQ~[\w~.-]{31,34}",
    )
    .entropy(3.0)
    .hits(&["az¦ure_client_secret: «kak0Q~FmHrfHxFYNvc¦0NUg7p7-NL1_YaYh7XN»"])
    .misses(&[
        "az¦ure_client_secret: kak0Q~FmHrfHxFYNvc¦0NUg7p7-NL1_YaYh7X",
        "build_id: kak0Q~FmHrfHxFYNvc¦0NUg7p7-NL1_YaYh7XN",
    ]),
    behind("value:azure_account_key", r"(?i)accountkey\s?=\s?", "[A-Za-z0-9+/]{86}==")
        .entropy(3.5)
        .hits(&[
            "acc~ountkey=«QF1x45iyjvsTCr8aN8e903ir08Q4LxvAMRZuShozUjTM~FGYnjnUDU9PWbXfzgLmav4d0HnFM1MF8gKRxBmdeyw==»",
        ])
        .misses(&[
            "acc~ountkey=QF1x45iyjvsTCr8aN8e903ir08Q4LxvAMRZuShozUjTM~FGYnjnUDU9PWbXfzgLmav4d0HnFM1MF8gKRxBmdeyw=",
            "see QF1x45iyjvsTCr8aN8e903ir08Q4LxvAMRZuShozUjTM~FGYnjnUDU9PWbXfzgLmav4d0HnFM1MF8gKRxBmdeyw==",
        ]),
    behind("value:azure_shared_access_key", r"(?i)sharedaccesskey\s?=\s?", "[A-Za-z0-9+/]{43}=")
        .entropy(3.5)
        .hits(&["sha~redaccesskey=«9erVGG3o9VKVwjOU6g0wSg~k2DrZ0S8kFEx7nGs6rK48=»"])
        .misses(&[
            "sha~redaccesskey=9erVGG3o9VKVwjOU6g0wSg~k2DrZ0S8kFEx7nGs6rK48",
            "see 9erVGG3o9VKVwjOU6g0wSg~k2DrZ0S8kFEx7nGs6rK48=",
        ]),
    behind("value:azure_shared_access_signature", "(?i)[?&]sig(=|%3D)", r"[\w%/+-]{40,}={0,2}")
        .entropy(3.5)
        .hits(&["?si~g=«NVdjIf_VvLgkLhA0a_0S~SGBzyQ3-mUxs7o-r3j2B»"])
        .misses(&["?si~g=NVdjIf_VvLgkLhA0a_0S~SGBzyQ3-mUxs7o-r3j2", "see NVdjIf_VvLgkLhA0a_0S~SGBzyQ3-mUxs7o-r3j2B"]),
    named(
        "value:azure_devops_token",
        "(?i)(azure_?devops|azdo|vsts|system_?access_?token|ado_)",
        "([A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}|[a-z2-7]{52})",
    )
    .entropy(3.5)
    .hits(&[
        "az~uredevops_token := '«hgfSLUP5HfEzg0rbRNeXlzoS9UztJ3xZHfQummBWWt~LmNPzlVebgKln8pV57fRrugxpmgxduAEdYAZDOCFgd»'",
    ])
    .misses(&[
        "az~uredevops_token := 'hgfSLUP5HfEzg0rbRNeXlzoS9UztJ3xZHfQummBWWt~LmNPzlVebgKln8pV57fRrugxpmgxduAEdYAZDOCFg'",
        "build_id := 'hgfSLUP5HfEzg0rbRNeXlzoS9UztJ3xZHfQummBWWt~LmNPzlVebgKln8pV57fRrugxpmgxduAEdYAZDOCFgd'",
    ]),
    named(
        "value:azure_functions_key",
        "(?i)(azure|functions?|x-functions|host|master)",
        r"[\w-]{44}AzFu[\w-]{5}[AQgw]==",
    )
    .entropy(3.5)
    .hits(&["x-~functions-key=«nB7l4g0wq6vu-qiTBldTWE7_iZZ5~WNH106zbmUtTvDbHAzFu5EwPng==»"])
    .misses(&[
        "x-~functions-key=nB7l4g0wq6vu-qiTBldTWE7_iZZ5~WNH106zbmUtTvDbHAzFu5EwPng=",
        "build_id=nB7l4g0wq6vu-qiTBldTWE7_iZZ5~WNH106zbmUtTvDbHAzFu5EwPng==",
    ]),
    named("value:azure_search_key", "(?i)(azure|search)", "[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}")
        .entropy(3.5)
        .hits(&[r#""se~arch_admin_key": "«rnX5HJ1NM8HkNzTjp5MIbQc7gQ~8yKyYNNdb90b6wMLAzSeDLWqM2»""#])
        .misses(&[
            r#""se~arch_admin_key": "rnX5HJ1NM8HkNzTjp5MIbQc7gQ~8yKyYNNdb90b6wMLAzSeDLWqM""#,
            r#""build_id": "rnX5HJ1NM8HkNzTjp5MIbQc7gQ~8yKyYNNdb90b6wMLAzSeDLWqM2""#,
        ]),
    named(
        "value:azure_registry_password",
        "(?i)(azure|acr|registry|docker)",
        r"[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9]{6}",
    )
    .entropy(3.5)
    .hits(&["ac~r_password: «xHQQuWcNZN996FVhsT6qANUNfx~Lf8DfFRqTUQ6YeJI+ACRCRgdt4A»"])
    .misses(&[
        "ac~r_password: xHQQuWcNZN996FVhsT6qANUNfx~Lf8DfFRqTUQ6YeJI+ACRCRgdt4",
        "build_id: xHQQuWcNZN996FVhsT6qANUNfx~Lf8DfFRqTUQ6YeJI+ACRCRgdt4A",
    ]),
    named(
        "value:azure_service_key",
        "(?i)(azure|cognitive|ocp-apim-subscription|speech|translator)",
        "([0-9a-f]{32}|[A-Za-z0-9]{52}JQQJ9[9A-D][A-Za-z0-9]{26})",
    )
    .entropy(3.0)
    .hits(&["AZ~URE_TOKEN := '«569159c46ed9fac0~dc1e6ac1dde5cd9b»'"])
    .misses(&[
        "AZ~URE_TOKEN := '569159c46ed9fac0~dc1e6ac1dde5cd9'",
        "AZ~URE_TOKEN := '2222222222222222~2222222222222222'",
        "build_id := '569159c46ed9fac0~dc1e6ac1dde5cd9b'",
    ]),
    // DigitalOcean.
    token("value:digitalocean_token", "dop_v1_[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["do~p_v1_b4cf1d043fcfa2ef7c31eb9d9774~7a2c851be7790fb9fb2eef35896f4abca38f"])
        .misses(&[
            "do~p_v1_b4cf1d043fcfa2ef7c31eb9d977~47a2c851be7790fb9fb2eef35896f4abca38",
            "do~p_v1_b4cf1d043fcfa2ef7c31eb9d9774~7a2c851be7790fb9fb2eef35896f4abca38fa",
        ]),
    token("value:digitalocean_oauth_token", "doo_v1_[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["do~o_v1_fc043a9284a589083f9aa660ae96~fb9a75970adc03dd1dbe8088cb62b28943b5"])
        .misses(&[
            "do~o_v1_fc043a9284a589083f9aa660ae9~6fb9a75970adc03dd1dbe8088cb62b28943b",
            "do~o_v1_fc043a9284a589083f9aa660ae96~fb9a75970adc03dd1dbe8088cb62b28943b5a",
        ]),
    token("value:digitalocean_refresh_token", "dor_v1_[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["do~r_v1_1a9d92705acd09308c8a9e73d31c~9d758f1d355adb1e45dbf583d5b2d2b64cb2"])
        .misses(&[
            "do~r_v1_1a9d92705acd09308c8a9e73d31~c9d758f1d355adb1e45dbf583d5b2d2b64cb",
            "do~r_v1_1a9d92705acd09308c8a9e73d31c~9d758f1d355adb1e45dbf583d5b2d2b64cb2a",
        ]),
    named("value:digitalocean_spaces_secret", "(?i)(digitalocean|spaces|do_spaces)", "[A-Za-z0-9+/]{43}")
        .entropy(4.0)
        .hits(&["sp~aces_secret_key=«ml9IBB5IxtWfa19p8HTjf~J9nKneb1hNNphpqT6UDcdJ»"])
        .misses(&[
            "sp~aces_secret_key=ml9IBB5IxtWfa19p8HTjf~J9nKneb1hNNphpqT6UDcd",
            "sp~aces_secret_key=aaaaaaaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaaaaaaaa",
            "build_id=ml9IBB5IxtWfa19p8HTjf~J9nKneb1hNNphpqT6UDcdJ",
        ]),
    // Cloudflare.
    token("value:cloudflare_token", "cf(ut|at|k)_[A-Za-z0-9]{40,}")
        .entropy(3.5)
        .hits(&["cf~ut_hfkcqG0S8f51ftap2~rxMTSRXeqeiMRP1vqeeRdO5"])
        .misses(&["cf~ut_hfkcqG0S8f51ftap~2rxMTSRXeqeiMRP1vqeeRdO", "cf~ut_hfkcqG0S8f51ftap2~rxMTSRXe!qeiMRP1vqeeRdO5"]),
    token("value:cloudflare_origin_ca_key", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}")
        .entropy(3.0)
        .hits(&[
            "v1~.0-d56de274e1f13155ee27f57a-6d58c3ee68140a1c9b4684ae673d710727561ddfec0c09f0e11549ea5~2bc8b24345102bedb84986941ae62c4bcfd7f0f6dad888e13d71112fe163ae24ca1f4e2466e0a151ba1a9b01a",
        ])
        .misses(&[
            "v1~.0-d56de274e1f13155ee27f57a-6d58c3ee68140a1c9b4684ae673d710727561ddfec0c09f0e11549ea5~2bc8b24345102bedb84986941ae62c4bcfd7f0f6dad888e13d71112fe163ae24ca1f4e2466e0a151ba1a9b01",
            "v1~.0-d56de274e1f13155ee27f57a-6d58c3ee68140a1c9b4684ae673d710727561ddfec0c09f0e11549ea52~bc8b24345102bedb84986941ae62c4bcfd7f0f6dad888e13d71112fe163ae24ca1f4e2466e0a151ba1a9b01ax",
        ]),
    named("value:cloudflare_api_token", "(?i)(cloudflare|cf_)", r"[\w-]{40}")
        .entropy(4.0)
        .hits(&[r#""CL~OUDFLARE_SECRET": "«pP-ZdEr_yVP_ZVbFlPJc~p45QfkcCMSlw-SQs5-Sz»""#])
        .misses(&[
            r#""CL~OUDFLARE_SECRET": "pP-ZdEr_yVP_ZVbFlPJc~p45QfkcCMSlw-SQs5-S""#,
            r#""CL~OUDFLARE_SECRET": "cccccccccccccccccccc~cccccccccccccccccccc""#,
            r#""build_id": "pP-ZdEr_yVP_ZVbFlPJc~p45QfkcCMSlw-SQs5-Sz""#,
        ]),
    named("value:cloudflare_global_key", "(?i)(cloudflare|cf_|x-auth-)", "[0-9a-f]{37}")
        .entropy(3.0)
        .hits(&["cl~oudflare_token: «8a5496da2b629356c7~c0a0d1060d5dc58da38»"])
        .misses(&[
            "cl~oudflare_token: 8a5496da2b629356c7~c0a0d1060d5dc58da3",
            "cl~oudflare_token: aaaaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaaaaa",
            "build_id: 8a5496da2b629356c7~c0a0d1060d5dc58da38",
        ]),
    token("value:cloudflare_tunnel_token", "eyJhIjoi[A-Za-z0-9+/]{100,}={0,2}")
        .entropy(4.0)
        .hits(&[
            "ey~JhIjoi3YkCEPSQQBVrTTkApoKqLoJtClzj46zOTBn1dl9fDRIEh~Es2COFHMxv1sIa4LSGk8bqliOBkGAwMOtEYfVZmL0PBHT6wJrHtBNkO",
        ])
        .misses(&[
            "ey~JhIjoi3YkCEPSQQBVrTTkApoKqLoJtClzj46zOTBn1dl9fDRIEh~Es2COFHMxv1sIa4LSGk8bqliOBkGAwMOtEYfVZmL0PBHT6wJrHtBNk",
            "ey~JhIjoi3YkCEPSQQBVrTTkApoKqLoJtClzj46zOTBn1dl9fDRIEhE~s2COFHMxv1sIa4LSGk!8bqliOBkGAwMOtEYfVZmL0PBHT6wJrHtBNkO",
        ]),
    // Alibaba, Tencent, Yandex, IBM.
    token("value:alibaba_access_key", "LTAI[A-Za-z0-9]{12,22}")
        .entropy(3.0)
        .hits(&["LT~AImcqLdoktV67z"])
        .misses(&["LT~AImcqLdoktV67", "LT~AImcqLdo!ktV67z"]),
    named("value:alibaba_secret_key", "(?i)(alibaba|aliyun|alicloud|oss_)", "[A-Za-z0-9]{30}")
        .entropy(3.5)
        .hits(&["al~ibaba_api_key := '«kAD5SFK20krFQLA~ZpRzuPlkWumA17z»'"])
        .misses(&[
            "al~ibaba_api_key := 'kAD5SFK20krFQLA~ZpRzuPlkWumA17'",
            "al~ibaba_api_key := '333333333333333~333333333333333'",
            "build_id := 'kAD5SFK20krFQLA~ZpRzuPlkWumA17z'",
        ]),
    token("value:tencent_secret_id", "AKID[A-Za-z0-9]{32}")
        .entropy(3.5)
        .hits(&["AK~IDWKCA0pWZz0UHj~4ZxiC26fZYy2jQiGWEI"])
        .misses(&["AK~IDWKCA0pWZz0UHj~4ZxiC26fZYy2jQiGWE", "AK~IDWKCA0pWZz0UHj4~ZxiC26fZYy2jQiGWEIx"]),
    named("value:tencent_secret_key", "(?i)(tencent|qcloud|cos_)", "[A-Za-z0-9]{32}")
        .entropy(3.8)
        .hits(&["TE~NCENT_TOKEN=«68uo2EORdRQsdp7V~1HnZw1ap7NwatVba»"])
        .misses(&[
            "TE~NCENT_TOKEN=68uo2EORdRQsdp7V~1HnZw1ap7NwatVb",
            "TE~NCENT_TOKEN=cccccccccccccccc~cccccccccccccccc",
            "build_id=68uo2EORdRQsdp7V~1HnZw1ap7NwatVba",
        ]),
    token("value:yandex_api_key", r"AQVN[\w-]{35,38}")
        .entropy(3.5)
        .hits(&["AQ~VNXF96tDvA-Gu8FR2~EUOIMxT9pDdikrMGfm-e"])
        .misses(&["AQ~VNXF96tDvA-Gu8FR~2EUOIMxT9pDdikrMGfm-", "AQ~VNXF96tDvA-Gu8FR2~EUOIMxT!9pDdikrMGfm-e"]),
    token("value:yandex_iam_token", r"t1\.[A-Za-z0-9_-]{20,}={0,2}\.[A-Za-z0-9_-]{86}={0,2}")
        .entropy(3.5)
        .hits(&[
            "t1~.VjNNtXPFD1_AUikEaF_z.goLFXpY1ntXFh5yFnOrGxQLSipatvf~135sjazvbMcM986wRXgrRmX0zZCP-Kvf4DvURSw3vrhvK4Han5-fGudE",
        ])
        .misses(&[
            "t1~.VjNNtXPFD1_AUikEaF_z.goLFXpY1ntXFh5yFnOrGxQLSipatvf~135sjazvbMcM986wRXgrRmX0zZCP-Kvf4DvURSw3vrhvK4Han5-fGud",
            "t1~.VjNNtXPFD1_AUikEaF_z.goLFXpY1ntXFh5yFnOrGxQLSipatvf1~35sjazvbMcM986wRXg!rRmX0zZCP-Kvf4DvURSw3vrhvK4Han5-fGudE",
        ]),
    token("value:yandex_access_secret", r"YC[MNOP][\w-]{37}")
        .entropy(3.8)
        .hits(&["YC~MbJ8QLiM_IV6lxOaD~UmiG0SGLkV-x7TTEGAtHw"])
        .misses(&["YC~MbJ8QLiM_IV6lxOaD~UmiG0SGLkV-x7TTEGAtH", "YC~MbJ8QLiM_IV6lxOaDU~miG0SGLkV-x7TTEGAtHw7"]),
    named("value:ibm_cloud_key", "(?i)(ibm|bluemix|iam_?api)", r"[\w-]{44}")
        .entropy(4.0)
        .hits(&[r#""IB~M_API_TOKEN": "«7Vcb-jsn0fnBNypfCBmVcI~_eqL0ZDL9i0hg5YoH-nHDi»""#])
        .misses(&[
            r#""IB~M_API_TOKEN": "7Vcb-jsn0fnBNypfCBmVcI~_eqL0ZDL9i0hg5YoH-nHD""#,
            r#""IB~M_API_TOKEN": "cccccccccccccccccccccc~cccccccccccccccccccccc""#,
            r#""build_id": "7Vcb-jsn0fnBNypfCBmVcI~_eqL0ZDL9i0hg5YoH-nHDi""#,
        ]),
    // Hosting: platforms, servers, edges.
    token("value:heroku_key", r"HRKU-[\w-]{58,}")
        .entropy(3.5)
        .hits(&["HR~KU-m12S82_XKrK3FExCFDVGNJBY-2~URGXKKjE_ZBqlKGb-eNjdXG_mTdyzbqB"])
        .misses(&[
            "HR~KU-m12S82_XKrK3FExCFDVGNJBY-~2URGXKKjE_ZBqlKGb-eNjdXG_mTdyzbq",
            "HR~KU-m12S82_XKrK3FExCFDVGNJBY-2~URGXKKjE_ZB!qlKGb-eNjdXG_mTdyzbqB",
        ]),
    named("value:heroku_legacy_key", "(?i)heroku", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
        .entropy(3.0)
        .hits(&["HE~ROKU_API_KEY: «2e36920b-90c4-f13d~-701f-144520ae298d»"])
        .misses(&[
            "HE~ROKU_API_KEY: 2e36920b-90c4-f13d~-701f-144520ae298",
            "build_id: 2e36920b-90c4-f13d~-701f-144520ae298d",
        ]),
    token("value:flyio_token", r"(fo1_[\w-]{43}|fm[12][ar]?_[A-Za-z0-9+/,_-]{100,}={0,3})")
        .entropy(3.5)
        .hits(&["fo~1_6A4h_FKJg1-KokPT3__~ZSg_3lxcwq6pz3oc0ogo24gd"])
        .misses(&[
            "fo~1_6A4h_FKJg1-KokPT3_~_ZSg_3lxcwq6pz3oc0ogo24g",
            "fo~1_6A4h_FKJg1-KokPT3__~ZSg_3lxc!wq6pz3oc0ogo24gd",
        ]),
    token("value:render_key", "rnd_[A-Za-z0-9]{28,}")
        .entropy(3.5)
        .check(Check::Mixed)
        .hits(&["rn~d_qwtoOabsSlH~nFIfR0ojbbw6dWgiy"])
        .misses(&["rn~d_qwtoOabsSlH~nFIfR0ojbbw6dWgi", "rn~d_qwtoOabsSlHn~FIfR0!ojbbw6dWgiy"]),
    token("value:netlify_token", "nfp_[A-Za-z0-9]{36}")
        .entropy(3.5)
        .hits(&["nf~p_hSEj180p2zYmUQK~2eAoogV40YALCHcSIsPUX"])
        .misses(&["nf~p_hSEj180p2zYmUQK~2eAoogV40YALCHcSIsPU", "nf~p_hSEj180p2zYmUQK2~eAoogV40YALCHcSIsPUXa"]),
    named("value:netlify_legacy_token", "(?i)netlify", r"[\w-]{43,45}")
        .entropy(4.0)
        .hits(&["ne~tlify_secret := '«VcymaiOlAaEtB8L0yD-__~SVDyRZOFJv1JdPreZ-ZUZg»'"])
        .misses(&[
            "ne~tlify_secret := 'VcymaiOlAaEtB8L0yD-__~SVDyRZOFJv1JdPreZ-ZUZ'",
            "ne~tlify_secret := 'aaaaaaaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaaaaaaaa'",
            "build_id := 'VcymaiOlAaEtB8L0yD-__~SVDyRZOFJv1JdPreZ-ZUZg'",
        ]),
    token("value:vercel_token", "vc[aciprk]_[A-Za-z0-9]{24,}")
        .entropy(3.5)
        .hits(&["vc~p_RZwidpkms~5l4ngPISF07um7u"])
        .misses(&["vc~p_RZwidpkms~5l4ngPISF07um7", "vc~p_RZwidpkms5~l4ng!PISF07um7u"]),
    named("value:vercel_legacy_token", "(?i)(vercel|now_)", "[A-Za-z0-9]{24}")
        .entropy(3.5)
        .hits(&["ve~rcel_token=«JRJxUjMkUS2l~emiucSF7CD65»"])
        .misses(&[
            "ve~rcel_token=JRJxUjMkUS2l~emiucSF7CD6",
            "ve~rcel_token=333333333333~333333333333",
            "build_id=JRJxUjMkUS2l~emiucSF7CD65",
        ]),
    named("value:linode_token", "(?i)(linode|akamai_cloud)", "[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&[r#""li~node_token": "«af99b458d13266000baa182605d01860~65ff4ec6f4911f5eb9e9a3af90f518b5»""#])
        .misses(&[
            r#""li~node_token": "af99b458d13266000baa182605d01860~65ff4ec6f4911f5eb9e9a3af90f518b""#,
            r#""li~node_token": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb~bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb""#,
            r#""build_id": "af99b458d13266000baa182605d01860~65ff4ec6f4911f5eb9e9a3af90f518b5""#,
        ]),
    named("value:vultr_key", "(?i)vultr", "[A-Z0-9]{36}")
        .entropy(3.5)
        .hits(&["vu~ltr_api_key: «SBB7AV62FI7VZFKUQG~052KV4BV2UY8VYFNSQ»"])
        .misses(&[
            "vu~ltr_api_key: SBB7AV62FI7VZFKUQG~052KV4BV2UY8VYFNS",
            "vu~ltr_api_key: 333333333333333333~333333333333333333",
            "build_id: SBB7AV62FI7VZFKUQG~052KV4BV2UY8VYFNSQ",
        ]),
    named("value:hetzner_token", "(?i)(hetzner|hcloud)", "[A-Za-z0-9]{64}")
        .entropy(4.0)
        .hits(&["HE~TZNER_API_TOKEN := '«ALjLSJY6i4yP7rKmgCnnfZTk4SdrrmOJ~t2trjEhmF5eJ2gUGrK2cMprz1i6P837G»'"])
        .misses(&[
            "HE~TZNER_API_TOKEN := 'ALjLSJY6i4yP7rKmgCnnfZTk4SdrrmOJ~t2trjEhmF5eJ2gUGrK2cMprz1i6P837'",
            "HE~TZNER_API_TOKEN := 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb~bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'",
            "build_id := 'ALjLSJY6i4yP7rKmgCnnfZTk4SdrrmOJ~t2trjEhmF5eJ2gUGrK2cMprz1i6P837G'",
        ]),
    token("value:scaleway_access_key", "SCW[A-Z0-9]{17}")
        .entropy(3.0)
        .hits(&["SC~WH95EMOYQLM0D73HT4"])
        .misses(&["SC~WH95EMOYQLM0D73HT", "SC~WH95EMOYQLM0D73HT40"]),
    named(
        "value:scaleway_secret_key",
        "(?i)(scaleway|scw_)",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .entropy(3.0)
    .hits(&["sc~aleway_token=«44a1429b-93de-8a6a~-cbf8-e2fc929ce788»"])
    .misses(&[
        "sc~aleway_token=44a1429b-93de-8a6a~-cbf8-e2fc929ce78",
        "build_id=44a1429b-93de-8a6a~-cbf8-e2fc929ce788",
    ]),
    token("value:akamai_edgegrid_token", "akab-[a-z0-9]{16}-[a-z0-9]{16}")
        .entropy(3.0)
        .hits(&["ak~ab-s5wnt4ew0c156~9zy-qzi1qtfmp256hnu4"])
        .misses(&["ak~ab-s5wnt4ew0c156~9zy-qzi1qtfmp256hnu", "ak~ab-s5wnt4ew0c1569~zy-qzi1qtfmp256hnu4a"]),
    named("value:fastly_token", "(?i)fastly", r"[\w-]{32}")
        .entropy(3.8)
        .hits(&[r#""fa~stly_api_key": "«-K0AnYXq4kvQlx2E~GpKepFV_yxS-cKId»""#])
        .misses(&[
            r#""fa~stly_api_key": "-K0AnYXq4kvQlx2E~GpKepFV_yxS-cKI""#,
            r#""fa~stly_api_key": "bbbbbbbbbbbbbbbb~bbbbbbbbbbbbbbbb""#,
            r#""build_id": "-K0AnYXq4kvQlx2E~GpKepFV_yxS-cKId""#,
        ]),
    token("value:openshift_token", r"sha256~[\w-]{43}")
        .entropy(3.5)
        .hits(&["sh¦a256~VS6Uasq4JwQd9UJIk¦-9Ke6T32LPQP-u4XxOvC9Ce_rH"])
        .misses(&[
            "sh¦a256~VS6Uasq4JwQd9UJIk¦-9Ke6T32LPQP-u4XxOvC9Ce_r",
            "sh¦a256~VS6Uasq4JwQd9UJIk-¦9Ke6T32LPQP-u4XxOvC9Ce_rHx",
        ]),
    behind("value:cloudinary_secret", r"cloudinary://\d{12,18}:", r"[\w-]{20,}")
        .entropy(3.0)
        .hits(&["clo~udinary://073792440650:«oB8ChPlk4-~o98c2HRgGx»"])
        .misses(&["clo~udinary://073792440650:oB8ChPlk4-~o98c2HRgG", "see oB8ChPlk4-~o98c2HRgGx"]),
    // Databases as a service.
    token("value:databricks_token", "dapi[0-9a-f]{32}(-[0-9])?")
        .entropy(3.0)
        .hits(&["da~pi0a18e73280ed4~2c734b2a3eb13ef5886"])
        .misses(&["da~pi0a18e73280ed4~2c734b2a3eb13ef588", "da~pi0a18e73280ed42~c734b2!a3eb13ef5886"]),
    token("value:supabase_token", "sb[pv]_[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["sb~v_d35270f53b1b9bf5c~6c3f4f6e8bda470df6af1cb"])
        .misses(&["sb~v_d35270f53b1b9bf5c~6c3f4f6e8bda470df6af1c", "sb~v_d35270f53b1b9bf5c6~c3f4f6e8bda470df6af1cb7"]),
    token("value:supabase_secret_key", r"sb_secret_[\w-]{31}")
        .entropy(3.5)
        .hits(&["sb~_secret_JGNd8SDzle~9EJ8Ug7HPi9cgKpCqU8wI"])
        .misses(&["sb~_secret_JGNd8SDzl~e9EJ8Ug7HPi9cgKpCqU8w", "sb~_secret_JGNd8SDzle~9EJ8Ug7HPi9cgKpCqU8wI7"]),
    token("value:neon_key", "napi_[a-z0-9]{40,}")
        .entropy(3.5)
        .hits(&["na~pi_zkmnw540kcf9c5vz4~823tyq0sk69djlkezzuf3cn"])
        .misses(&["na~pi_zkmnw540kcf9c5vz~4823tyq0sk69djlkezzuf3c", "na~pi_zkmnw540kcf9c5vz4~823tyq0s!k69djlkezzuf3cn"]),
    token("value:planetscale_password", r"pscale_pw_[\w-]{32,}")
        .entropy(3.5)
        .hits(&["ps~cale_pw__h9n7jZNpB~34Dt6bRTcc9z09pqpdBEFm"])
        .misses(&["ps~cale_pw__h9n7jZNpB~34Dt6bRTcc9z09pqpdBEF", "ps~cale_pw__h9n7jZNpB3~4Dt6bRT!cc9z09pqpdBEFm"]),
    token("value:planetscale_token", r"pscale_tkn_[\w-]{32,}")
        .entropy(3.5)
        .hits(&["ps~cale_tkn_VxgXEGTUYs~l2BE5vJRWrQTxy0o-eKKHP"])
        .misses(&["ps~cale_tkn_VxgXEGTUY~sl2BE5vJRWrQTxy0o-eKKH", "ps~cale_tkn_VxgXEGTUYs~l2BE5vJ!RWrQTxy0o-eKKHP"]),
    token("value:planetscale_oauth_token", r"pscale_oauth_[\w-]{32,}")
        .entropy(3.5)
        .hits(&["ps~cale_oauth_UKNi8qBz0~yDdBcZW_5Q_O9N96pkRnCQ3"])
        .misses(&["ps~cale_oauth_UKNi8qBz~0yDdBcZW_5Q_O9N96pkRnCQ", "ps~cale_oauth_UKNi8qBz0~yDdBcZW_!5Q_O9N96pkRnCQ3"]),
    token("value:mongodb_service_account_secret", r"mdb_sa_sk_[\w-]{40}")
        .entropy(3.5)
        .hits(&["md~b_sa_sk_Qn8KL-chnr9Dte~jUsxMVxxrGRLm6BxjsUkFXTKZu"])
        .misses(&[
            "md~b_sa_sk_Qn8KL-chnr9Dte~jUsxMVxxrGRLm6BxjsUkFXTKZ",
            "md~b_sa_sk_Qn8KL-chnr9Dtej~UsxMVxxrGRLm6BxjsUkFXTKZu7",
        ]),
    token("value:aiven_password", r"AVNS_[\w-]{19}")
        .entropy(3.0)
        .hits(&["AV~NS_09lem_Ok2vBhnEC9p1x"])
        .misses(&["AV~NS_09lem_Ok2vBhnEC9p1", "AV~NS_09lem_O~k2vBhnEC9p1xa"]),
    named("value:confluent_secret", "(?i)confluent", "(cflt[A-Za-z0-9+/]{60}|[A-Za-z0-9+/]{64})")
        .entropy(4.0)
        .hits(&["co~nfluent_api_key: «cfltn5fFtANG5dW0XcoacGylErG2CH64~T8P6tttesXIhZcENquhTEGpwk1anOnW3»"])
        .misses(&[
            "co~nfluent_api_key: cfltn5fFtANG5dW0XcoacGylErG2CH64~T8P6tttesXIhZcENquhTEGpwk1anOnW",
            "co~nfluent_api_key: cccccccccccccccccccccccccccccccc~cccccccccccccccccccccccccccccccc",
            "build_id: cfltn5fFtANG5dW0XcoacGylErG2CH64~T8P6tttesXIhZcENquhTEGpwk1anOnW3",
        ]),
    token("value:clickhouse_cloud_secret", "4b1d[A-Za-z0-9]{38}")
        .entropy(3.8)
        .hits(&["4b~1dIxWbodTa99VCZL7Q~Lb8CbBeQjDXmrixdKVTJfq"])
        .misses(&["4b~1dIxWbodTa99VCZL7Q~Lb8CbBeQjDXmrixdKVTJf", "4b~1dIxWbodTa99VCZL7QL~b8CbBeQjDXmrixdKVTJfqa"]),
    token("value:elastic_cloud_key", "essu_[A-Za-z0-9+/]{40,}={0,2}")
        .entropy(3.5)
        .hits(&["es~su_DbsmsZq36Pee2inMZ~FwXYVHtAz7vhN03BUNomzgT"])
        .misses(&["es~su_DbsmsZq36Pee2inM~ZFwXYVHtAz7vhN03BUNomzg", "es~su_DbsmsZq36Pee2inMZ~FwXYVHtA!z7vhN03BUNomzgT"]),
    named("value:upstash_token", "(?i)(upstash|kv_rest)", r"A[\w-]{40,}={0,2}")
        .entropy(3.8)
        .hits(&["UP~STASH_SECRET := '«ANE5J-_iKkzBJQxOS5MJ~5H4qFRZGFFjunZEDkGDsq»'"])
        .misses(&[
            "UP~STASH_SECRET := 'ANE5J-_iKkzBJQxOS5MJ~5H4qFRZGFFjunZEDkGDs'",
            "build_id := 'ANE5J-_iKkzBJQxOS5MJ~5H4qFRZGFFjunZEDkGDsq'",
        ]),
];
