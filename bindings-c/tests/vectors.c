/* The shared vectors (tests/vectors/README.md): each is asked of the library, whose answer or error must be the same bytes.
 * The argument is a file that `cargo run --example vectors -- --flat FILE` wrote: the number of cases on a line, then for each case a line
 * `NAME CALL SAID ok|error ARGUMENT...`, where each word in capitals is a length in bytes, and those texts, one after the other. */
#include "check.h"

#define MOST_ARGUMENTS 4

typedef struct {
    const char *data;
    size_t len;
} text;

static tt_status derive_workspace_id(const text *args, tt_string *out) {
    return tt_workspace_id(args[0].data, args[0].len, args[1].data, args[1].len, out);
}

static tt_status operation_type(const text *args, tt_string *out) {
    return tt_operation_type(args[0].data, args[0].len, args[1].data, args[1].len, out);
}

static tt_status sanitize_json(const text *args, tt_string *out) {
    return tt_sanitize(args[0].data, args[0].len, out);
}

static tt_status sanitize_with_json(const text *args, tt_string *out) {
    return tt_sanitize_with(args[0].data, args[0].len, args[1].data, args[1].len, out);
}

static tt_status operation_json(const text *args, tt_string *out) {
    return tt_describe_operation(args[0].data, args[0].len, out);
}

static tt_status parse_record_json(const text *args, tt_string *out) {
    return tt_parse_record(args[0].data, args[0].len, out);
}

static tt_status discover_workspace_in_json(const text *args, tt_string *out) {
    return tt_discover_workspace_in(args[0].data, args[0].len, out);
}

static tt_status validate_event_json(const text *args, tt_string *out) {
    char now_ms[32] = "";
    CHECK(args[1].len < sizeof now_ms);
    memcpy(now_ms, args[1].data, args[1].len);
    return tt_validate_event(args[0].data, args[0].len, strtoll(now_ms, NULL, 10), out);
}

static const struct {
    const char *name;
    size_t arguments;
    tt_status (*ask)(const text *args, tt_string *out);
} CALLS[] = {
    {"derive_workspace_id", 2, derive_workspace_id},
    {"discover_workspace_in_json", 1, discover_workspace_in_json},
    {"operation_json", 1, operation_json},
    {"operation_type", 2, operation_type},
    {"parse_record_json", 1, parse_record_json},
    {"sanitize_json", 1, sanitize_json},
    {"sanitize_with_json", 2, sanitize_with_json},
    {"validate_event_json", 2, validate_event_json},
};

/* What is left of the file. */
static text rest;

static size_t number(void) {
    char *end;
    const unsigned long value = strtoul(rest.data, &end, 10);
    CHECK(end != rest.data);
    rest.len -= (size_t)(end - rest.data);
    rest.data = end;
    return value;
}

static text take(size_t len) {
    const text taken = {rest.data, len};
    CHECK(len <= rest.len);
    rest.data += len;
    rest.len -= len;
    return taken;
}

static int is(text found, const char *expected) {
    return found.len == strlen(expected) && memcmp(found.data, expected, found.len) == 0;
}

static void wrong(text name, text said, const char *answer, size_t answer_len) {
    fprintf(stderr, "%.*s\n  says %.*s\n  is   %.*s\n", (int)name.len, name.data, (int)said.len, said.data, (int)answer_len,
            answer);
    exit(1);
}

static void ask_next(void) {
    const size_t name_len = number(), call_len = number(), said_len = number();
    const int is_error = rest.len > 1 && rest.data[1] == 'e';
    size_t lengths[MOST_ARGUMENTS], arguments = 0;
    for (take(is_error ? strlen(" error") : strlen(" ok")); rest.len > 0 && rest.data[0] == ' '; arguments++) {
        CHECK(arguments < MOST_ARGUMENTS);
        lengths[arguments] = number();
    }
    CHECK(is(take(1), "\n"));
    const text name = take(name_len), call = take(call_len), said = take(said_len);
    text args[MOST_ARGUMENTS];
    for (size_t at = 0; at < arguments; at++) {
        args[at] = take(lengths[at]);
    }
    size_t known = 0;
    while (known < sizeof CALLS / sizeof *CALLS && !is(call, CALLS[known].name)) {
        known++;
    }
    if (known == sizeof CALLS / sizeof *CALLS || CALLS[known].arguments != arguments) {
        wrong(name, call, "no function of this runner", strlen("no function of this runner"));
    }
    tt_string out = {NULL, 0};
    const tt_status status = CALLS[known].ask(args, &out);
    const char *answer = status == TT_OK ? out.data : tt_last_error_json();
    const size_t answer_len = status == TT_OK ? out.len : strlen(answer);
    if ((status != TT_OK) != is_error || answer_len != said.len || memcmp(answer, said.data, said.len) != 0) {
        wrong(name, said, answer, answer_len);
    }
    if (status == TT_OK) {
        tt_string_free(&out);
    }
}

int main(int count, char **arguments) {
    CHECK(count == 2);
    FILE *file = fopen(arguments[1], "rb");
    CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
    const long size = ftell(file);
    char *bytes = size > 0 ? malloc((size_t)size + 1) : NULL;
    CHECK(bytes != NULL && fseek(file, 0, SEEK_SET) == 0 && fread(bytes, 1, (size_t)size, file) == (size_t)size);
    fclose(file);
    bytes[size] = '\0';
    rest.data = bytes;
    rest.len = (size_t)size;

    const size_t cases = number();
    CHECK(cases > 0 && is(take(1), "\n"));
    for (size_t ran = 0; ran < cases; ran++) {
        ask_next();
    }
    CHECK(rest.len == 0);
    printf("%lu vectors\n", (unsigned long)cases);
    free(bytes);
    return 0;
}
