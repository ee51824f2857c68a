// libfuse3's low-level interface, and what it cannot express, for Swift.
//
// _FILE_OFFSET_BITS stays undefined: on 64-bit Linux it changes nothing but the names of C
// structures, and then `struct flock` differs between modules.
#pragma once

// Structures such as `struct stat` then belong to Swift's Glibc alone. Defined here once more, they
// would count as members of this module in all Swift files, even in those that do not import it.
#ifdef __clang__
#if __has_feature(modules)
#pragma clang module import SwiftGlibc
#endif
#endif

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

// MARK: Values that Swift does not import

enum {
    fuse_shim_umount_force = MNT_FORCE,
    fuse_shim_umount_detach = MNT_DETACH,
    fuse_shim_name_max = 1024, // FUSE_NAME_MAX of the kernel, fs/fuse/fuse_i.h
};

// INIT flags beyond those of old kernel headers, as one 64-bit set, include/uapi/linux/fuse.h.
static const uint64_t fuse_shim_parallel_dirops = UINT64_C(1) << 18;
static const uint64_t fuse_shim_handle_killpriv_v2 = UINT64_C(1) << 28;
static const uint64_t fuse_shim_init_ext = UINT64_C(1) << 30;
static const uint64_t fuse_shim_passthrough = UINT64_C(1) << 37;

// MARK: The INIT exchange

// What the kernel offers in its first request.
struct fuse_shim_offer {
    uint64_t unique; // which request it is
    uint32_t minor; // of the protocol's version 7
    uint64_t flags;
};

// Whether these bytes are an INIT request, and if so, what it offers.
static inline bool fuse_shim_read_init(
    const void *bytes, size_t count, struct fuse_shim_offer *offer) {
    struct fuse_in_header header;
    struct {
        uint32_t major, minor, max_readahead, flags, flags2;
    } init = {0};
    if (count < sizeof header + 16) return false;
    memcpy(&header, bytes, sizeof header);
    if (header.opcode != FUSE_INIT) return false;
    size_t rest = count - sizeof header;
    memcpy(&init, (const char *)bytes + sizeof header, rest < sizeof init ? rest : sizeof init);
    offer->unique = header.unique;
    offer->minor = init.minor;
    offer->flags = init.flags;
    if (offer->flags & fuse_shim_init_ext) offer->flags |= (uint64_t)init.flags2 << 32;
    return true;
}

// The request that a reply belongs to, and its error number; unique is 0 for notifications.
static inline uint64_t fuse_shim_reply_unique(const struct iovec *parts, int count, int *error) {
    struct fuse_out_header header;
    if (count < 1 || parts[0].iov_len < sizeof header) return 0;
    memcpy(&header, parts[0].iov_base, sizeof header);
    *error = header.error;
    return header.unique;
}

// Sends a reply to INIT with more flags than libfuse put into it.
//
// libfuse 3.14 wants PARALLEL_DIROPS and forgets to send it (mended in 3.17.1); it cannot send
// PASSTHROUGH at all. The offsets are those of struct fuse_init_out, which only grew at its end.
static inline ssize_t fuse_shim_send_init(
    int descriptor, const struct iovec *parts, int count, uint64_t addedFlags) {
    enum { header = 16, flags = 12, flags2 = 32, maxStackDepth = 36 };
    unsigned char bytes[256];
    size_t length = 0;
    for (int i = 0; i < count; i++) {
        if (length + parts[i].iov_len > sizeof bytes) return writev(descriptor, parts, count);
        memcpy(bytes + length, parts[i].iov_base, parts[i].iov_len);
        length += parts[i].iov_len;
    }
    if (length < header + 64) return writev(descriptor, parts, count);
    uint32_t low, high, depth = 1;
    memcpy(&low, bytes + header + flags, sizeof low);
    memcpy(&high, bytes + header + flags2, sizeof high);
    low |= (uint32_t)addedFlags;
    high |= (uint32_t)(addedFlags >> 32);
    memcpy(bytes + header + flags, &low, sizeof low);
    memcpy(bytes + header + flags2, &high, sizeof high);
    // Content files lie on an ordinary file system, not on one stacked over another.
    if (addedFlags & fuse_shim_passthrough)
        memcpy(bytes + header + maxStackDepth, &depth, sizeof depth);
    return write(descriptor, bytes, length);
}

// MARK: Replies

// Appends an entry to a listing, with attributes and a reference to the inode (`plus`), or without.
// Returns the size of the entry, in bytes; if that is more than `space`, nothing was appended.
static inline size_t fuse_shim_add_entry(
    char *buffer, size_t space, const void *name, size_t nameLength,
    const struct fuse_entry_param *entry, off_t nextOffset, bool plus) {
    char text[fuse_shim_name_max + 1];
    if (nameLength > fuse_shim_name_max) return 0;
    memcpy(text, name, nameLength);
    text[nameLength] = 0;
    return plus ? fuse_add_direntry_plus(NULL, buffer, space, text, entry, nextOffset)
                : fuse_add_direntry(NULL, buffer, space, text, &entry->attr, nextOffset);
}

struct fuse_shim_open_out {
    uint64_t handle;
    uint32_t flags;
    int32_t backing; // `padding` in kernel headers before 6.9
};

static inline struct fuse_shim_open_out fuse_shim_backed_open(uint64_t handle, int32_t backing) {
    const uint32_t passthrough = 1 << 7; // FOPEN_PASSTHROUGH
    return (struct fuse_shim_open_out){handle, passthrough, backing};
}

// Answers OPEN: the kernel reads and writes the file behind `backing` by itself.
static inline int fuse_shim_reply_open_backed(fuse_req_t request, uint64_t handle, int32_t backing) {
    struct fuse_shim_open_out out = fuse_shim_backed_open(handle, backing);
    return fuse_reply_buf(request, (const char *)&out, sizeof out);
}

static inline uint32_t fuse_shim_nanoseconds(double seconds) {
    return (uint32_t)((seconds - (double)(uint64_t)seconds) * 1e9);
}

// Answers CREATE likewise.
static inline int fuse_shim_reply_create_backed(
    fuse_req_t request, const struct fuse_entry_param *entry, uint64_t handle, int32_t backing) {
    struct {
        struct fuse_entry_out entry;
        struct fuse_shim_open_out open;
    } out;
    memset(&out, 0, sizeof out);
    out.entry.nodeid = entry->ino;
    out.entry.generation = entry->generation;
    out.entry.entry_valid = (uint64_t)entry->entry_timeout;
    out.entry.entry_valid_nsec = fuse_shim_nanoseconds(entry->entry_timeout);
    out.entry.attr_valid = (uint64_t)entry->attr_timeout;
    out.entry.attr_valid_nsec = fuse_shim_nanoseconds(entry->attr_timeout);
    out.entry.attr.ino = entry->attr.st_ino;
    out.entry.attr.size = (uint64_t)entry->attr.st_size;
    out.entry.attr.blocks = (uint64_t)entry->attr.st_blocks;
    out.entry.attr.atime = (uint64_t)entry->attr.st_atim.tv_sec;
    out.entry.attr.mtime = (uint64_t)entry->attr.st_mtim.tv_sec;
    out.entry.attr.ctime = (uint64_t)entry->attr.st_ctim.tv_sec;
    out.entry.attr.atimensec = (uint32_t)entry->attr.st_atim.tv_nsec;
    out.entry.attr.mtimensec = (uint32_t)entry->attr.st_mtim.tv_nsec;
    out.entry.attr.ctimensec = (uint32_t)entry->attr.st_ctim.tv_nsec;
    out.entry.attr.mode = entry->attr.st_mode;
    out.entry.attr.nlink = (uint32_t)entry->attr.st_nlink;
    out.entry.attr.uid = entry->attr.st_uid;
    out.entry.attr.gid = entry->attr.st_gid;
    out.entry.attr.blksize = (uint32_t)entry->attr.st_blksize;
    out.open = fuse_shim_backed_open(handle, backing);
    return fuse_reply_buf(request, (const char *)&out, sizeof out);
}

// MARK: Backing files, kernel 6.9

struct fuse_shim_backing_map {
    int32_t descriptor;
    uint32_t flags;
    uint64_t padding;
};

// Makes an open file known to the kernel. Returns its number, or -1 with errno set: EPERM without
// CAP_SYS_ADMIN.
static inline int fuse_shim_open_backing(int device, int descriptor) {
    struct fuse_shim_backing_map map = {.descriptor = descriptor};
    return ioctl(device, _IOW(229, 1, struct fuse_shim_backing_map), &map);
}

static inline int fuse_shim_close_backing(int device, int32_t backing) {
    uint32_t number = (uint32_t)backing;
    return ioctl(device, _IOW(229, 2, uint32_t), &number);
}

// MARK: Notifications

// Makes the kernel look up every name again, version 7.44 of the protocol. Returns 0, or -1 with
// errno set.
static inline int fuse_shim_notify_epoch(int device) {
    const int32_t notifyIncrementEpoch = 8;
    struct fuse_out_header out = {.len = sizeof out, .error = notifyIncrementEpoch};
    return write(device, &out, sizeof out) == (ssize_t)sizeof out ? 0 : -1;
}
