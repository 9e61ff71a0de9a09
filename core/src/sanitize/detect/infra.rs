//! Secret stores, infrastructure as code, networks, identity, and hashes of passwords.

use super::check::Check;
use super::table::{Detector, behind, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    // HashiCorp: Vault and Terraform Cloud, whose tokens have their mark in the middle.
    token("value:vault_service_token", r"hvs\.[\w-]{24,}")
        .entropy(3.3)
        .hits(&["hv~s.mzoGh4c7R~088k87cz1kBfJPf"])
        .misses(&["hv~s.mzoGh4c7R~088k87cz1kBfJP", "hv~s.mzoGh4c7R0~88k8!7cz1kBfJPf"]),
    token("value:vault_batch_token", r"hvb\.[\w-]{100,}")
        .entropy(3.5)
        .hits(&[
            "hv~b.xDvEkaLfDhArgM_iJHJpQKPucv3AaQ6zMZA_uaSFrP-0kln~5PAaguj941_C-4WUo4ce-U30KKSztc0-m3yH82dtj1UjN_GFG9Dg1",
        ])
        .misses(&[
            "hv~b.xDvEkaLfDhArgM_iJHJpQKPucv3AaQ6zMZA_uaSFrP-0kln~5PAaguj941_C-4WUo4ce-U30KKSztc0-m3yH82dtj1UjN_GFG9Dg",
            "hv~b.xDvEkaLfDhArgM_iJHJpQKPucv3AaQ6zMZA_uaSFrP-0kln5~PAaguj941_C-4WUo4!ce-U30KKSztc0-m3yH82dtj1UjN_GFG9Dg1",
        ]),
    token("value:vault_recovery_token", r"hvr\.[\w-]{24,}")
        .entropy(3.3)
        .hits(&["hv~r.KruHVrrZb~bnAY6KQn-io7zVs"])
        .misses(&["hv~r.KruHVrrZb~bnAY6KQn-io7zV", "hv~r.KruHVrrZbb~nAY6!KQn-io7zVs"]),
    named("value:vault_legacy_token", "(?i)vault", r"s\.[A-Za-z0-9]{24}")
        .entropy(3.3)
        .hits(&[r#""VA~ULT_API_TOKEN": "«s.CqUUCWzGOHT~u2wSBbtvbGPoo»""#])
        .misses(&[
            r#""VA~ULT_API_TOKEN": "s.CqUUCWzGOHT~u2wSBbtvbGPo""#,
            r#""build_id": "s.CqUUCWzGOHT~u2wSBbtvbGPoo""#,
        ]),
    token("value:terraform_token", r"\.atlasv1\.[\w-]{60,}")
        .entropy(3.5)
        .check(Check::WordBefore)
        .hits(&["q4Zx81LmVb0RtY~.atl~asv1.K2p9Qa7WzX3sEdC5rFvT6gByH8nUjM1kIoL0pZaQwSxEdCrFvTgByHnUj~MkQ7"])
        .misses(&[
            "q4Zx81LmVb0Rt~.atl~asv1.K2p9Qa7WzX3sEdC5rFvT6gByH8nUjM1kIoL0pZaQwSxEdCrFvTgByHnUj~MkQ7",
            "q4Zx81LmVb0RtY.atl~asv1.K2p9",
        ]),
    named("value:consul_token", "(?i)(consul|nomad)", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
        .entropy(3.0)
        .hits(&["CO~NSUL_API_KEY: «90e2888e-725d-cf1a~-5dc1-c128b35da653»"])
        .misses(&[
            "CO~NSUL_API_KEY: 90e2888e-725d-cf1a~-5dc1-c128b35da65",
            "build_id: 90e2888e-725d-cf1a~-5dc1-c128b35da653",
        ]),
    // Other secret stores.
    token("value:doppler_token", r"dp\.(pt|st|ct|sa|scim|audit)\.([\w-]{2,35}\.)?[A-Za-z0-9]{40,44}")
        .entropy(3.5)
        .hits(&["dp~.pt.iV0I46Pv76GC1amz~xYDrAMv5GIOqpqAgXavoPtrh"])
        .misses(&[
            "dp~.pt.iV0I46Pv76GC1amz~xYDrAMv5GIOqpqAgXavoPtr",
            "dp~.pt.iV0I46Pv76GC1amzx~YDrAMv5!GIOqpqAgXavoPtrh",
        ]),
    token("value:infisical_token", r"st\.[0-9a-f]{24}\.[0-9a-f]{32}\.[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["st~.50ad94489d0be1910ed2938e.0dc8827b6a4324f19b~879373df3c6dc8.9c63dbf725adaa6095138d8db3e92765"])
        .misses(&[
            "st~.50ad94489d0be1910ed2938e.0dc8827b6a4324f19~b879373df3c6dc8.9c63dbf725adaa6095138d8db3e9276",
            "st~.50ad94489d0be1910ed2938e.0dc8827b6a4324f19b~879373df3c6dc8.9c63dbf725adaa6095138d8db3e927650",
        ]),
    token("value:onepassword_service_token", "ops_eyJ[A-Za-z0-9+/]{200,}={0,3}")
        .entropy(3.8)
        .hits(&[
            "op~s_eyJF8qQBJSUi5ogFT6PiwG7P9aQfBV6cXzxHiAcDdbzFdBeaeAu7BGuF6Q8ZicW8HtHCp5gLtbPN3gMi0QldPdoKXizRyYRgrYx~arsUFW4easW5vugXsQQxAx4NRHOrdqLfdeYRqgN1BQip6pFEMhK6ShghziO5EFNQT84kQljj9fUonfJKIUu25fesewofLLUMZErnoc8m",
        ])
        .misses(&[
            "op~s_eyJF8qQBJSUi5ogFT6PiwG7P9aQfBV6cXzxHiAcDdbzFdBeaeAu7BGuF6Q8ZicW8HtHCp5gLtbPN3gMi0QldPdoKXizRyYRgrY~xarsUFW4easW5vugXsQQxAx4NRHOrdqLfdeYRqgN1BQip6pFEMhK6ShghziO5EFNQT84kQljj9fUonfJKIUu25fesewofLLUMZErnoc8",
            "op~s_eyJF8qQBJSUi5ogFT6PiwG7P9aQfBV6cXzxHiAcDdbzFdBeaeAu7BGuF6Q8ZicW8HtHCp5gLtbPN3gMi0QldPdoKXizRyYRgrYx~arsUFW4easW5vugXsQQxAx4NRHOrdqLfdeY!RqgN1BQip6pFEMhK6ShghziO5EFNQT84kQljj9fUonfJKIUu25fesewofLLUMZErnoc8m",
        ]),
    token(
        "value:onepassword_secret_key",
        "A3-[A-Z0-9]{6}-([A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}",
    )
    .entropy(3.3)
    .hits(&["A3~-OX6RD3-4DEDWJVKP~4Z-U5591-L4H3K-C3BKC"])
    .misses(&["A3~-OX6RD3-4DEDWJVK~P4Z-U5591-L4H3K-C3BK", "A3~-OX6RD3-4DEDWJVKP~4Z-U5591-L4H3K-C3BKC0"]),
    token(
        "value:bitwarden_access_token",
        r"0\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.[A-Za-z0-9]{30}:[A-Za-z0-9+/]{22}==",
    )
    .entropy(3.5)
    .hits(&["0.~07c86ae0-f775-3fe7-c259-a359ccb356be.yCu45xQ~EUuylo6WWSUvMgQ93jpzdBb:JXQW2ysrTaO3P36eoRLOcf=="])
    .misses(&[
        "0.~07c86ae0-f775-3fe7-c259-a359ccb356be.yCu45xQ~EUuylo6WWSUvMgQ93jpzdBb:JXQW2ysrTaO3P36eoRLOcf=",
        "0.~07c86ae0-f775-3fe7-c259-a359ccb356be.yCu45xQE~Uuylo6WWSUvMgQ93jpzdBb:JXQW2ysrTaO3P36eoRLOcf==x",
    ]),
    token("value:age_secret_key", "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}")
        .entropy(3.5)
        .hits(&["AG~E-SECRET-KEY-1KUA5TL5WTJYXX5308PC0~KT3VC3NJA0Q8QFLA35TZ6V7ZC4LHGH8HY9A7VG"])
        .misses(&[
            "AG~E-SECRET-KEY-1KUA5TL5WTJYXX5308PC0~KT3VC3NJA0Q8QFLA35TZ6V7ZC4LHGH8HY9A7V",
            "AG~E-SECRET-KEY-1KUA5TL5WTJYXX5308PC0K~T3VC3NJA0Q8QFLA35TZ6V7ZC4LHGH8HY9A7VG0",
        ]),
    // Infrastructure as code and orchestration.
    token("value:pulumi_token", "pul-[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["pu~l-2fe6f53ff4f4013c1~1e79c847960cc18d983ff4b"])
        .misses(&["pu~l-2fe6f53ff4f4013c1~1e79c847960cc18d983ff4", "pu~l-2fe6f53ff4f4013c11~e79c847960cc18d983ff4bx"]),
    token("value:prefect_key", "pn[ub]_[A-Za-z0-9]{36}")
        .entropy(3.8)
        .hits(&["pn~u_8oug9Hz69cW9CLZ~l5J5MEd0chbtMJ9I7klS7"])
        .misses(&["pn~u_8oug9Hz69cW9CLZ~l5J5MEd0chbtMJ9I7klS", "pn~u_8oug9Hz69cW9CLZl~5J5MEd0chbtMJ9I7klS77"]),
    token("value:docker_swarm_token", "SWMTKN-1-[a-z0-9]{49,50}-[a-z0-9]{25}")
        .entropy(3.5)
        .hits(&["SW~MTKN-1-ujzoj79nt5sosjc24e6ko0e19ieq1jc9~e49k7jp3l85as90xx-ylggszcx3pnophft61lbc05d6"])
        .misses(&[
            "SW~MTKN-1-ujzoj79nt5sosjc24e6ko0e19ieq1jc9~e49k7jp3l85as90xx-ylggszcx3pnophft61lbc05d",
            "SW~MTKN-1-ujzoj79nt5sosjc24e6ko0e19ieq1jc9e~49k7jp3l85as90xx-ylggszcx3pnophft61lbc05d67",
        ]),
    token("value:docker_swarm_key", "SWMKEY-1-[A-Za-z0-9+/]{43}")
        .entropy(3.8)
        .hits(&["SW~MKEY-1-ySRQIJ06eYoD5CC2~lgBCF92BvYgQHAzjKpiVJ7RsnMU"])
        .misses(&[
            "SW~MKEY-1-ySRQIJ06eYoD5CC2~lgBCF92BvYgQHAzjKpiVJ7RsnM",
            "SW~MKEY-1-ySRQIJ06eYoD5CC2l~gBCF92BvYgQHAzjKpiVJ7RsnMU7",
        ]),
    named("value:kubeadm_token", "(?i)(kubeadm|bootstrap)", r"[a-z0-9]{6}\.[a-z0-9]{16}")
        .entropy(3.0)
        .hits(&["ku~beadm_token := '«kc0f32.bxtw~d2jy5by7u3v0»'"])
        .misses(&["ku~beadm_token := 'kc0f32.bxtw~d2jy5by7u3v'", "build_id := 'kc0f32.bxtw~d2jy5by7u3v0'"]),
    token("value:scalingo_token", r"tk-us-[\w-]{48}")
        .entropy(3.8)
        .hits(&["tk~-us-9V_zAnR_9cE7kzUACE34~jJq2H_SYUrZqHs0em3VMH_oHMp4A"])
        .misses(&[
            "tk~-us-9V_zAnR_9cE7kzUACE34~jJq2H_SYUrZqHs0em3VMH_oHMp4",
            "tk~-us-9V_zAnR_9cE7kzUACE34j~Jq2H_SYUrZqHs0em3VMH_oHMp4A0",
        ]),
    token("value:dbt_token", r"dbt[cu]_[\w-]{40,}")
        .entropy(3.5)
        .hits(&["db~tu_fP2kpDlm-xweuIzkt~NEe-_QRYyQ4phLc29C9_ixG"])
        .misses(&["db~tu_fP2kpDlm-xweuIzk~tNEe-_QRYyQ4phLc29C9_ix", "db~tu_fP2kpDlm-xweuIzkt~NEe-_QRY!yQ4phLc29C9_ixG"]),
    token("value:trigger_key", "tr_(dev|prod|stg|preview)_[A-Za-z0-9]{20,}")
        .entropy(3.3)
        .hits(&["tr~_dev_A2gkiL~fQ480z2603nIrt"])
        .misses(&["tr~_dev_A2gki~LfQ480z2603nIr", "tr~_dev_A2gkiL~fQ480!z2603nIrt"]),
    token("value:inngest_key", "signkey-(prod|test|branch)-[0-9a-f]{32,}")
        .entropy(3.0)
        .hits(&["si~gnkey-prod-1605bc01b~4b514ef5b9e3f3ba2a6775e"])
        .misses(&["si~gnkey-prod-1605bc01~b4b514ef5b9e3f3ba2a6775", "si~gnkey-prod-1605bc01b~4b514ef5!b9e3f3ba2a6775e"]),
    // Networks.
    token("value:tailscale_key", "tskey-(auth|api|client|scim|webhook)-[A-Za-z0-9]{10,}-[A-Za-z0-9]{20,}")
        .entropy(3.3)
        .hits(&["ts~key-auth-7MSeD4ZWc~m-JZUOPZBe08Jzn6kOt9ob"])
        .misses(&["ts~key-auth-7MSeD4ZWc~m-JZUOPZBe08Jzn6kOt9o", "ts~key-auth-7MSeD4ZWcm~-JZUOPZ!Be08Jzn6kOt9ob"]),
    named("value:ngrok_token", "(?i)ngrok", "([0-9][A-Za-z0-9]{26}_[A-Za-z0-9]{21}|cr_[A-Za-z0-9]{27})")
        .entropy(3.8)
        .hits(&["ng~rok_api_token=«5OQUr3UmcJsT3dNkksEtzujv~yzt_E73I29hizLTi5VGFAjCUL»"])
        .misses(&[
            "ng~rok_api_token=5OQUr3UmcJsT3dNkksEtzujv~yzt_E73I29hizLTi5VGFAjCU",
            "build_id=5OQUr3UmcJsT3dNkksEtzujv~yzt_E73I29hizLTi5VGFAjCUL",
        ]),
    token("value:defined_networking_key", "dnkey-[A-Z0-9]{26}-[A-Z0-9]{52}")
        .entropy(3.5)
        .hits(&["dn~key-PN5ARE63W3C40PGPJYI6S9A1Q0-JJXI92A6W~1CY82AR8CPJBCYLOGENMJ0ZM4NFZ8SKV5EW96BUL9C6"])
        .misses(&[
            "dn~key-PN5ARE63W3C40PGPJYI6S9A1Q0-JJXI92A6~W1CY82AR8CPJBCYLOGENMJ0ZM4NFZ8SKV5EW96BUL9C",
            "dn~key-PN5ARE63W3C40PGPJYI6S9A1Q0-JJXI92A6W~1CY82AR8CPJBCYLOGENMJ0ZM4NFZ8SKV5EW96BUL9C6a",
        ]),
    named("value:zerotier_token", "(?i)zerotier", "[A-Za-z0-9]{32}")
        .entropy(3.8)
        .hits(&[r#""ZE~ROTIER_SECRET": "«hoRUXorJEX4dUeZb~H1YaJiOIm7QTgkjO»""#])
        .misses(&[
            r#""ZE~ROTIER_SECRET": "hoRUXorJEX4dUeZb~H1YaJiOIm7QTgkj""#,
            r#""ZE~ROTIER_SECRET": "aaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaa""#,
            r#""build_id": "hoRUXorJEX4dUeZb~H1YaJiOIm7QTgkjO""#,
        ]),
    behind("value:wireguard_key", r"(?i)(private|preshared)_?key\s?=\s?", "[A-Za-z0-9+/]{43}=")
        .entropy(3.8)
        .hits(&["pri~vatekey=«byTwqhEzj2jQ9RFyrcFHUB~ruwLxARMIkzKMJrTcnhDX=»"])
        .misses(&[
            "pri~vatekey=byTwqhEzj2jQ9RFyrcFHUB~ruwLxARMIkzKMJrTcnhDX",
            "see byTwqhEzj2jQ9RFyrcFHUB~ruwLxARMIkzKMJrTcnhDX=",
        ]),
    named("value:meraki_key", "(?i)meraki", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["me~raki_api_key: «8f058209c973d7f0a9c5~dca376f2b5352e24c501»"])
        .misses(&[
            "me~raki_api_key: 8f058209c973d7f0a9c5~dca376f2b5352e24c50",
            "me~raki_api_key: cccccccccccccccccccc~cccccccccccccccccccc",
            "build_id: 8f058209c973d7f0a9c5~dca376f2b5352e24c501",
        ]),
    // Identity.
    named("value:okta_token", "(?i)(okta|ssws)", r"00[\w-]{40}")
        .entropy(3.8)
        .hits(&["OK~TA_TOKEN := '«00cqehdOmi382gXy6yti-~l1cz_lzpFGBowf_aOL4_q»'"])
        .misses(&[
            "OK~TA_TOKEN := '00cqehdOmi382gXy6yti-~l1cz_lzpFGBowf_aOL4_'",
            "build_id := '00cqehdOmi382gXy6yti-~l1cz_lzpFGBowf_aOL4_q'",
        ]),
    behind("value:okta_ssws", "(?i)ssws {1,3}", r"[\w-]{30,}")
        .entropy(3.5)
        .hits(&["ssw~s «dhuEdigTlNT7Ss0~07Cp1tf1LKMHYZe»"])
        .misses(&["ssw~s dhuEdigTlNT7Ss0~07Cp1tf1LKMHYZ", "see dhuEdigTlNT7Ss0~07Cp1tf1LKMHYZe"]),
    named("value:auth0_secret", "(?i)auth0", r"[\w-]{64}")
        .entropy(4.0)
        .hits(&["AU~TH0=«2RjbAb1tre-LrPQ6HivIgXz5LmFKVaxH~mOUo0WOKyyPd9BRFQv2Hb_CUbHAQm5Zh»"])
        .misses(&[
            "AU~TH0=2RjbAb1tre-LrPQ6HivIgXz5LmFKVaxH~mOUo0WOKyyPd9BRFQv2Hb_CUbHAQm5Z",
            "AU~TH0=11111111111111111111111111111111~11111111111111111111111111111111",
            "build_id=2RjbAb1tre-LrPQ6HivIgXz5LmFKVaxH~mOUo0WOKyyPd9BRFQv2Hb_CUbHAQm5Zh",
        ]),
    token("value:stytch_secret", r"secret-(live|test)-[\w-]{36}")
        .entropy(3.5)
        .hits(&["se~cret-live-3EMrJsWWFrS~iqJyy0GGoUJBKSN9la7dA_1Aw"])
        .misses(&[
            "se~cret-live-3EMrJsWWFrS~iqJyy0GGoUJBKSN9la7dA_1A",
            "se~cret-live-3EMrJsWWFrSi~qJyy0GGoUJBKSN9la7dA_1Awa",
        ]),
    token("value:ory_token", r"ory_[a-z]{2,3}_[\w-]{32,}(\.[\w-]{20,})?")
        .entropy(3.5)
        .hits(&["or~y_ss_itm9xCJgOC4e~fBClhYU8o8BFD-pvJYmI"])
        .misses(&["or~y_ss_itm9xCJgOC4~efBClhYU8o8BFD-pvJYm", "or~y_ss_itm9xCJgOC4e~fBClhYU!8o8BFD-pvJYmI"]),
    named(
        "value:recaptcha_secret",
        "(?i)(re_?captcha|hcaptcha|turnstile)",
        r"(6L[\w-]{38}|0x[0-9A-Fa-f]{40}|0x4AAAAAAA[\w-]{26})",
    )
    .entropy(3.3)
    .hits(&[r#""RE~CAPTCHA_API_TOKEN": "«6L6268fzEsuz1Es6Z0hT~TYn3-HF5YEW-TNv6A-nw»""#])
    .misses(&[
        r#""RE~CAPTCHA_API_TOKEN": "6L6268fzEsuz1Es6Z0hT~TYn3-HF5YEW-TNv6A-n""#,
        r#""build_id": "6L6268fzEsuz1Es6Z0hT~TYn3-HF5YEW-TNv6A-nw""#,
    ]),
    // Hashes of passwords: not the password, but what an attacker wants to try it on.
    token("value:bcrypt_hash", r"\$2[abxy]\$[0-9]{2}\$[A-Za-z0-9./]{53}")
        .entropy(3.5)
        .hits(&["$2b~$12$GhvMmNVjRW29ulnudl.Lbu~AnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m"])
        .misses(&[
            "$2b~$12$GhvMmNVjRW29ulnudl.Lbu~AnUtN/LRfe1JsBm1Xu6LE3059z5Tr8",
            "$2q~$12$GhvMmNVjRW29ulnudl.Lbu~AnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m",
        ]),
    token(
        "value:argon2_hash",
        r"\$argon2(id|i|d)\$v=[0-9]+\$m=[0-9]+,t=[0-9]+,p=[0-9]+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{20,}",
    )
    .entropy(3.5)
    .hits(&["$argon~2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzYWx0$RdescudvJCsgt3ub+b5dWRWJ~Tmaaea0bs"])
    .misses(&[
        "$argon~2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzYWx0",
        "$argon~2x$v=19$m=65536,t=3,p=4$c29tZXNhbHRzYWx0$RdescudvJCsgt3ub+b5dWRWJ~Tmaaea0bs",
    ]),
    token("value:crypt_hash", r"\$[156y]\$(rounds=[0-9]+\$)?[A-Za-z0-9./]{1,24}\$[A-Za-z0-9./]{22,86}")
        .entropy(3.5)
        .hits(&["$6~$rJ8qP2xW$Zk3vN7bT1mQ9sL5dF0gH4jK8pR2wX6yC1vB3nM5aS7dF9gH~2jK4lZ6xC8vB0nM1qW3eR5tY7u"])
        .misses(&["$6~$rJ8qP2xW$Zk3vN7bT1mQ9sL5dF0gH", "$4~$rJ8qP2xW$Zk3vN7bT1mQ9sL5dF0gH4jK8pR2wX6yC1vB3nM5aS7dF9gH"]),
    token("value:pbkdf2_hash", r"pbkdf2_sha(256|1|512)\$[0-9]+\$[A-Za-z0-9]{8,}\$[A-Za-z0-9+/]{27,}={0,2}")
        .entropy(3.5)
        .hits(&["pb~kdf2_sha256$8$54acoRxz$~JiDimanIJE10eUJiZ9tP3b0lIGL"])
        .misses(&[
            "pb~kdf2_sha256$8$54acoRxz$~JiDimanIJE10eUJiZ9tP3b0lIG",
            "pb~kdf2_sha256$8$54acoRxz$J~iDimanIJ!E10eUJiZ9tP3b0lIGL",
        ]),
];
