#pragma once
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/* Swift does not import variadic functions: one wrapper for each type of value. */

typedef size_t (*onedrive_curl_data_callback)(char *, size_t, size_t, void *);
typedef int (*onedrive_curl_begin_callback)(void *, char *, char *, int, int);

static inline CURLcode onedrive_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode onedrive_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode onedrive_curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode onedrive_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode onedrive_curl_set_data_callback(
    CURL *easy, CURLoption option, onedrive_curl_data_callback value) {
    return curl_easy_setopt(easy, option, value);
}

/* What is called before each sending of the request; older versions cannot be kept from repeating
   one that has no body. */
static inline CURLcode onedrive_curl_set_begin_callback(
    CURL *easy, void *context, onedrive_curl_begin_callback value) {
#if LIBCURL_VERSION_NUM >= 0x075000
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
    return code ? code : curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, value);
#else
    (void)easy, (void)context, (void)value;
    return CURLE_OK;
#endif
}

/* Only http and https, whatever else this libcurl was built with. */
static inline CURLcode onedrive_curl_set_protocols(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/* Lets a cancelled transfer end without waiting for a name look-up that is still running. */
static inline CURLcode onedrive_curl_set_quick_exit(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
    return curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
    (void)easy;
    return CURLE_OK;
#endif
}

static inline CURLcode onedrive_curl_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode onedrive_curl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode onedrive_curl_get_pointer(CURL *easy, CURLINFO info, void **value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLMcode onedrive_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLcode onedrive_curl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* Macros with values that Swift does not import. */
enum {
    onedrive_curl_readfunc_abort = CURL_READFUNC_ABORT,
    onedrive_curl_readfunc_pause = CURL_READFUNC_PAUSE,
    onedrive_curl_writefunc_pause = CURL_WRITEFUNC_PAUSE,
    /* CURL_PREREQFUNC_OK and CURL_PREREQFUNC_ABORT, which older versions do not name. */
    onedrive_curl_begin_ok = 0,
    onedrive_curl_begin_abort = 1
};
