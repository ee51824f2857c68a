// Calls of Linux that Swift's Glibc module leaves out: that module is built without _GNU_SOURCE.
// They go through syscall(2), whose declaration needs no feature macro.
#pragma once

#include <dirent.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// The values of SEEK_DATA and SEEK_HOLE, lseek(2).
enum { linux_seek_data = 3, linux_seek_hole = 4 };

// fallocate(2) with FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE.
static inline int linux_punch_hole(int descriptor, int64_t offset, int64_t count) {
    return (int)syscall(
        SYS_fallocate, descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, count);
}

// fallocate(2): reserves space; with `keepsSize`, FALLOC_FL_KEEP_SIZE.
static inline int linux_reserve(int descriptor, int64_t offset, int64_t count, int keepsSize) {
    return (int)syscall(
        SYS_fallocate, descriptor, keepsSize ? FALLOC_FL_KEEP_SIZE : 0, offset, count);
}

// copy_file_range(2); moves both offsets.
static inline int64_t linux_copy_file_range(
    int source, int64_t *sourceOffset, int target, int64_t *targetOffset, uint64_t count) {
    return syscall(
        SYS_copy_file_range, source, sourceOffset, target, targetOffset, count, 0u);
}

// syncfs(2).
static inline int linux_synchronize_file_system(int descriptor) {
    return (int)syscall(SYS_syncfs, descriptor);
}

// ioctl_ficlone(2): the target shares all blocks of the source.
static inline int linux_clone_file(int source, int target) {
    return ioctl(target, FICLONE, source);
}

// renameat2(2) with RENAME_NOREPLACE: never renames over anything.
static inline int linux_rename_exclusively(
    int sourceDirectory, const char *source, int targetDirectory, const char *target) {
    return (int)syscall(
        SYS_renameat2, sourceDirectory, source, targetDirectory, target, RENAME_NOREPLACE);
}

// getxattr(2).
static inline int64_t linux_get_attribute(
    const char *path, const char *name, void *value, uint64_t size) {
    return syscall(SYS_getxattr, path, name, value, size);
}

// The name of an entry of readdir(3). Where Foundation is linked, Swift finds this member in several
// modules and takes it from none.
static inline const char *linux_entry_name(const struct dirent *entry) { return entry->d_name; }
