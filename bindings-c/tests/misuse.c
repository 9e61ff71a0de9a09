/* Wrong pointers, texts and order of calls: each a defined status, no output touched, nothing leaked. */
#include <dirent.h>
#include <pthread.h>
#include <time.h>

#include "check.h"

#define CALL "{\"method\":\"POST\",\"path\":\"/api/tasks\",\"workspaceId\":\"ws_c\"}"
#define RECORDERS 8
#define RECORDS 100

static const char *const untouched = "untouched";

static tt_trail *open_memory(void) {
    tt_trail *trail = NULL;
    OK(tt_trail_open(TT_TEXT("memory:"), TT_TEXT("{\"batchDelayMs\":1}"), &trail));
    CHECK(trail != NULL);
    return trail;
}

static int threads_now(void) {
    DIR *tasks = opendir("/proc/self/task");
    int threads = tasks == NULL ? 1 : 0;
    for (const struct dirent *entry; tasks != NULL && (entry = readdir(tasks)) != NULL;) {
        threads += entry->d_name[0] != '.';
    }
    if (tasks != NULL) {
        closedir(tasks);
    }
    return threads;
}

/* A host may unload the library, or end, as soon as nothing of it is open. */
static void no_thread_is_left(void) {
    /* One that has been joined may be listed a moment longer. */
    for (int left = 5000; left > 0 && threads_now() != 1; left--) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    CHECK(threads_now() == 1);
}

static void ignore(void *userdata, const char *batch, size_t batch_len) {
    (void)userdata, (void)batch, (void)batch_len;
}

static void failures_of_open(const char *unwritable) {
    tt_trail *trail = (tt_trail *)untouched;
    EXPECT(TT_NULL_POINTER, tt_trail_open(NULL, 0, NULL, 0, &trail));
    CHECK(strstr(tt_last_error_message(), "`url`") != NULL);
    CHECK(strstr(tt_last_error_json(), "\"field\":\"url\"") != NULL);
    EXPECT(TT_NULL_POINTER, tt_trail_open(TT_TEXT("memory:"), NULL, 0, NULL));
    CHECK(strstr(tt_last_error_message(), "`out_trail`") != NULL);
    EXPECT(TT_NULL_POINTER, tt_trail_open(TT_TEXT("memory:"), NULL, 7, &trail));
    EXPECT(TT_LENGTH_INVALID, tt_trail_open("memory:", (size_t)-1, NULL, 0, &trail));
    EXPECT(TT_NOT_UTF8, tt_trail_open(TT_TEXT("memory\xff:"), NULL, 0, &trail));
    EXPECT(TT_URL_INVALID, tt_trail_open(TT_TEXT("carrier-pigeon:"), NULL, 0, &trail));
    EXPECT(TT_URL_INVALID, tt_trail_open(TT_TEXT(""), NULL, 0, &trail));
    EXPECT(TT_OPTIONS_INVALID, tt_trail_open(TT_TEXT("memory:"), TT_TEXT("{\"batchSice\":1}"), &trail));
    CHECK(strstr(tt_last_error_message(), "batchSice") != NULL);
    EXPECT(TT_OPTIONS_INVALID, tt_trail_open(TT_TEXT("memory:"), TT_TEXT("{\"batchSize\":0}"), &trail));
    CHECK(strstr(tt_last_error_json(), "\"field\":\"batchSize\"") != NULL);
    EXPECT(TT_OPTIONS_INVALID, tt_trail_open(TT_TEXT("memory:"), TT_TEXT("{"), &trail));
    EXPECT(TT_STORE_PATH, tt_trail_open(unwritable, strlen(unwritable), NULL, 0, &trail));
    CHECK(trail == (tt_trail *)untouched);
    no_thread_is_left();
}

static void failures_of_calls(void) {
    tt_trail *trail = open_memory();
    tt_string out = {untouched, 3};
    tt_subscription *subscription = (tt_subscription *)untouched;

    EXPECT(TT_NULL_POINTER, tt_trail_record(NULL, TT_TEXT(CALL), NULL, 0, &out));
    EXPECT(TT_NULL_POINTER, tt_trail_record(trail, NULL, 0, NULL, 0, &out));
    EXPECT(TT_NULL_POINTER, tt_trail_record(trail, TT_TEXT(CALL), NULL, 5, &out));
    EXPECT(TT_LENGTH_INVALID, tt_trail_record(trail, TT_TEXT(CALL), "x", (size_t)-1, &out));
    EXPECT(TT_NOT_UTF8, tt_trail_record(trail, TT_TEXT("{\"method\":\"\xc3\"}"), NULL, 0, &out));
    EXPECT(TT_CALL_INVALID, tt_trail_record(trail, TT_TEXT("{\"method\":\"POST\",\"path\":5}"), NULL, 0, &out));
    CHECK(strstr(tt_last_error_message(), "path") != NULL);
    EXPECT(TT_CALL_INVALID, tt_trail_record(trail, TT_TEXT("nonsense"), NULL, 0, &out));

    EXPECT(TT_NULL_POINTER, tt_trail_emit(NULL, TT_TEXT("{}"), NULL, 0, &out));
    EXPECT(TT_NULL_POINTER, tt_trail_emit(trail, NULL, 0, NULL, 0, &out));
    EXPECT(TT_EVENT_INVALID,
           tt_trail_emit(trail, TT_TEXT("{\"type\":\"task.started\",\"data\":{\"projectNumber\":42}}"), NULL, 0, &out));
    CHECK(strstr(tt_last_error_json(), "data.workItemId") != NULL);
    EXPECT(TT_CALL_INVALID, tt_trail_emit(trail, TT_TEXT("{\"type\":\"issue.updated\",\"data\":{\"projectNumber\":42}}"),
                                          TT_TEXT("{\"nonsense\":1}"), &out));

    EXPECT(TT_NULL_POINTER, tt_trail_query(trail, NULL, 0, NULL));
    EXPECT(TT_NULL_POINTER, tt_trail_query(NULL, NULL, 0, &out));
    EXPECT(TT_QUERY_INVALID, tt_trail_query(trail, TT_TEXT("{\"limit\":0}"), &out));
    CHECK(strstr(tt_last_error_json(), "\"field\":\"limit\"") != NULL);
    EXPECT(TT_QUERY_INVALID, tt_trail_query(trail, TT_TEXT("{\"nonsense\":1}"), &out));

    EXPECT(TT_NULL_POINTER, tt_trail_get(trail, NULL, 0, &out));
    EXPECT(TT_QUERY_INVALID, tt_trail_get(trail, TT_TEXT("not-an-id"), &out));
    EXPECT(TT_RECORD_NOT_FOUND, tt_trail_get(trail, TT_TEXT("019ab3c2-7f00-7abc-8def-0123456789ab"), &out));

    EXPECT(TT_NULL_POINTER, tt_trail_stats(NULL, &out));
    EXPECT(TT_NULL_POINTER, tt_trail_stats(trail, NULL));
    EXPECT(TT_NULL_POINTER, tt_trail_flush(NULL, 1, &out));
    EXPECT(TT_NULL_POINTER, tt_trail_close(NULL, 1, &out));

    EXPECT(TT_NULL_POINTER, tt_subscribe(trail, NULL, 0, NULL, 0, NULL, NULL, &subscription));
    EXPECT(TT_NULL_POINTER, tt_subscribe(trail, NULL, 0, NULL, 0, ignore, NULL, NULL));
    EXPECT(TT_NULL_POINTER, tt_subscribe(NULL, NULL, 0, NULL, 0, ignore, NULL, &subscription));
    EXPECT(TT_OPTIONS_INVALID, tt_subscribe(trail, TT_TEXT("{\"nonsense\":1}"), NULL, 0, ignore, NULL, &subscription));
    EXPECT(TT_OPTIONS_INVALID, tt_subscribe(trail, NULL, 0, TT_TEXT("5"), ignore, NULL, &subscription));

    CHECK(out.data == untouched && out.len == 3);
    CHECK(subscription == (tt_subscription *)untouched);
    tt_trail_free(trail);
    tt_trail_free(NULL);
    tt_subscription_free(NULL);
    tt_string_free(NULL);
}

static void pure_functions(void) {
    tt_string out = {NULL, 0};
    OK(tt_sanitize(TT_TEXT("{\"a\":1,\"password\":\"hunter2\"}"), &out));
    HAS(out, "\"a\":1");
    CHECK(strstr(out.data, "hunter2") == NULL);
    tt_string_free(&out);
    CHECK(out.data == NULL && out.len == 0);
    tt_string_free(&out);
    OK(tt_validate_event(TT_TEXT("{\"type\":\"issue.updated\",\"data\":{\"projectNumber\":42}}"), 1000, &out));
    HAS(out, "1970-01-01T00:00:01.000Z");
    tt_string_free(&out);
    OK(tt_validate_event(TT_TEXT("{\"type\":\"issue.eaten\",\"data\":{}}"), INT64_MIN, &out));
    HAS(out, "\"accepted\":false");
    tt_string_free(&out);
    OK(tt_workspace_id(TT_TEXT("/home/me/clone/.git"), TT_TEXT("0123456789abcdef0123456789abcdef"), &out));
    CHECK(strncmp(out.data, "ws_", 3) == 0);
    tt_string_free(&out);
    EXPECT(TT_WORKSPACE_INVALID, tt_workspace_id(TT_TEXT(""), TT_TEXT("0123456789abcdef0123456789abcdef"), &out));
    EXPECT(TT_NULL_POINTER, tt_workspace_id(TT_TEXT("/x"), NULL, 0, &out));
    EXPECT(TT_NULL_POINTER, tt_operation_type(NULL, 0, TT_TEXT("/x"), &out));
    EXPECT(TT_NULL_POINTER, tt_operation_type(TT_TEXT("POST"), TT_TEXT("/x"), NULL));
    EXPECT(TT_NOT_UTF8, tt_operation_type(TT_TEXT("POST"), TT_TEXT("/\xff"), &out));
    EXPECT(TT_NULL_POINTER, tt_sanitize(NULL, 0, &out));
    EXPECT(TT_NULL_POINTER, tt_validate_event(TT_TEXT("{}"), 0, NULL));
    CHECK(out.data == NULL);
    CHECK(strcmp(tt_status_name(TT_CLOSED), "TT_CLOSED") == 0);
    CHECK(strcmp(tt_status_name(123456), "TT_UNKNOWN") == 0);
}

/* `unwritable` is a path below a file. */
static void workspaces(const char *unwritable) {
    tt_string id = {NULL, 0}, found = {NULL, 0};
    OK(tt_discover_workspace(TT_TEXT("/no/such/folder"), TT_TEXT("0123456789abcdef"), &found));
    OK(tt_workspace_id(TT_TEXT("/no/such/folder"), TT_TEXT("0123456789abcdef"), &id));
    HAS(found, id.data);
    HAS(found, "\"kind\":\"folder\",\"root\":\"/no/such/folder\",\"worktreePath\":null,\"branch\":null");
    tt_string_free(&found);
    CHECK(setenv("TASKTRAIL_SALT", "0123456789abcdef", 1) == 0);
    OK(tt_discover_workspace(TT_TEXT("/no/such/folder"), NULL, 0, &found));
    HAS(found, id.data);
    tt_string_free(&found);
    tt_string_free(&id);
    CHECK(setenv("TASKTRAIL_SALT", "short", 1) == 0);
    EXPECT(TT_WORKSPACE_INVALID, tt_discover_workspace(TT_TEXT("/"), NULL, 0, &found));
    HAS((tt_string){.data = (char *)tt_last_error_message()}, "TASKTRAIL_SALT");
    CHECK(unsetenv("TASKTRAIL_SALT") == 0 && setenv("XDG_CONFIG_HOME", unwritable, 1) == 0);
    EXPECT(TT_WORKSPACE_INVALID, tt_discover_workspace(TT_TEXT("/"), NULL, 0, &found));
    HAS((tt_string){.data = (char *)tt_last_error_message()}, unwritable);
    CHECK(unsetenv("XDG_CONFIG_HOME") == 0);
    EXPECT(TT_WORKSPACE_INVALID, tt_discover_workspace(TT_TEXT(""), TT_TEXT("0123456789abcdef"), &found));
    EXPECT(TT_WORKSPACE_INVALID, tt_discover_workspace(TT_TEXT("/"), TT_TEXT("short"), &found));
    EXPECT(TT_NULL_POINTER, tt_discover_workspace(NULL, 0, TT_TEXT("0123456789abcdef"), &found));
    EXPECT(TT_NULL_POINTER, tt_discover_workspace(TT_TEXT("/"), NULL, 3, &found));
    EXPECT(TT_NULL_POINTER, tt_discover_workspace(TT_TEXT("/"), TT_TEXT("0123456789abcdef"), NULL));
    CHECK(found.data == NULL);
}

static void after_close(void) {
    tt_trail *trail = open_memory();
    tt_subscription *subscription = NULL;
    OK(tt_subscribe(trail, NULL, 0, NULL, 0, ignore, NULL, &subscription));
    OK(tt_trail_close(trail, 5000, NULL));
    no_thread_is_left();
    tt_string out = {untouched, 3};
    EXPECT(TT_CLOSED, tt_trail_record(trail, TT_TEXT(CALL), NULL, 0, &out));
    EXPECT(TT_CLOSED, tt_trail_emit(trail, TT_TEXT("{\"type\":\"issue.updated\",\"data\":{\"projectNumber\":42}}"), NULL, 0, &out));
    EXPECT(TT_CLOSED, tt_trail_query(trail, NULL, 0, &out));
    EXPECT(TT_CLOSED, tt_trail_get(trail, TT_TEXT("019ab3c2-7f00-7abc-8def-0123456789ab"), &out));
    EXPECT(TT_CLOSED, tt_trail_flush(trail, 10, &out));
    tt_subscription *another = NULL;
    EXPECT(TT_CLOSED, tt_subscribe(trail, NULL, 0, NULL, 0, ignore, NULL, &another));
    CHECK(out.data == untouched && another == NULL);
    OK(tt_trail_stats(trail, &out));
    HAS(out, "\"closed\":1"); /* the record that came too late is counted */
    tt_string_free(&out);
    OK(tt_trail_close(trail, 5000, &out));
    HAS(out, "\"stored\":2");
    tt_string_free(&out);
    tt_trail_free(trail);
    tt_subscription_free(subscription);
}

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t done;
    tt_trail *trail;
    tt_subscription *subscription;
    int calls;
} from_inside;

static void close_and_free(void *userdata, const char *batch, size_t batch_len) {
    from_inside *own = userdata;
    (void)batch, (void)batch_len;
    pthread_mutex_lock(&own->lock); /* held by the subscriber until `subscription` is written */
    tt_string out = {NULL, 0};
    OK(tt_trail_query(own->trail, NULL, 0, &out));
    tt_string_free(&out);
    OK(tt_trail_flush(own->trail, 1000, NULL));
    OK(tt_trail_close(own->trail, 1000, NULL));
    tt_subscription_free(own->subscription);
    own->subscription = NULL;
    own->calls++;
    pthread_cond_signal(&own->done);
    pthread_mutex_unlock(&own->lock);
}

static void everything_from_inside_a_callback(void) {
    from_inside own = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, open_memory(), NULL, 0};
    pthread_mutex_lock(&own.lock);
    OK(tt_subscribe(own.trail, NULL, 0, TT_TEXT("\"ring\""), close_and_free, &own, &own.subscription));
    OK(tt_trail_record(own.trail, TT_TEXT(CALL), NULL, 0, NULL));
    while (own.calls == 0) {
        pthread_cond_wait(&own.done, &own.lock);
    }
    pthread_mutex_unlock(&own.lock);
    CHECK(own.calls == 1);
    EXPECT(TT_CLOSED, tt_trail_record(own.trail, TT_TEXT(CALL), NULL, 0, NULL));
    tt_trail_free(own.trail);
    pthread_cond_destroy(&own.done);
    pthread_mutex_destroy(&own.lock);
}

static void linger(void *userdata, const char *batch, size_t batch_len) {
    int *state = userdata;
    (void)batch, (void)batch_len;
    __atomic_store_n(state, 1, __ATOMIC_SEQ_CST);
    pause_ms(100);
    __atomic_store_n(state, 2, __ATOMIC_SEQ_CST);
}

static void userdata_may_be_freed_after_the_subscription(void) {
    tt_trail *trail = open_memory();
    int *state = calloc(1, sizeof *state);
    tt_subscription *subscription = NULL;
    OK(tt_subscribe(trail, NULL, 0, NULL, 0, linger, state, &subscription));
    OK(tt_trail_record(trail, TT_TEXT(CALL), NULL, 0, NULL));
    while (__atomic_load_n(state, __ATOMIC_SEQ_CST) == 0) {
        pause_ms(1);
    }
    tt_subscription_free(subscription);
    CHECK(*state == 2);
    free(state);
    OK(tt_trail_record(trail, TT_TEXT(CALL), NULL, 0, NULL));
    tt_trail_free(trail); /* not closed: freeing closes it */
    no_thread_is_left();
}

static void *record_many(void *userdata) {
    const tt_trail *trail = userdata;
    CHECK(tt_last_error_status() == TT_OK); /* other threads' errors are theirs */
    for (int i = 0; i < RECORDS; i++) {
        tt_string audit_id;
        OK(tt_trail_record(trail, TT_TEXT(CALL), TT_TEXT("{\"n\":1}"), &audit_id));
        tt_string_free(&audit_id);
        if (i % 10 == 0) {
            EXPECT(TT_CALL_INVALID, tt_trail_record(trail, TT_TEXT("[]"), NULL, 0, &audit_id));
            tt_string page;
            OK(tt_trail_query(trail, TT_TEXT("{\"limit\":1}"), &page));
            tt_string_free(&page);
        }
    }
    return NULL;
}

static void many_threads(void) {
    tt_trail *trail = open_memory();
    pthread_t threads[RECORDERS];
    for (int i = 0; i < RECORDERS; i++) {
        CHECK(pthread_create(&threads[i], NULL, record_many, trail) == 0);
    }
    for (int i = 0; i < RECORDERS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    OK(tt_trail_flush(trail, UINT64_MAX, NULL));
    tt_string page;
    OK(tt_trail_query(trail, TT_TEXT("{\"workspaceId\":\"ws_c\",\"limit\":1}"), &page));
    HAS(page, "\"total\":800");
    tt_string_free(&page);
    OK(tt_trail_close(trail, UINT64_MAX, NULL));
    tt_trail_free(trail);
}

int main(int argc, char **argv) {
    CHECK(argc == 2);
    CHECK(tt_last_error_status() == TT_OK);
    CHECK(strcmp(tt_last_error_message(), "") == 0);
    CHECK(strcmp(tt_last_error_json(), "null") == 0);
    failures_of_open(argv[1]);
    failures_of_calls();
    pure_functions();
    CHECK(strncmp(argv[1], "sqlite:", 7) == 0);
    workspaces(argv[1] + 7);
    after_close();
    everything_from_inside_a_callback();
    userdata_may_be_freed_after_the_subscription();
    many_threads();
    for (int i = 0; i < 20; i++) {
        tt_trail *trail = open_memory();
        OK(tt_trail_record(trail, TT_TEXT(CALL), NULL, 0, NULL));
        if (i % 2 == 0) {
            OK(tt_trail_close(trail, 5000, NULL));
        }
        tt_trail_free(trail);
    }
    puts("misuse: ok");
    return 0;
}
