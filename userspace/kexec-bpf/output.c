// SPDX-License-Identifier: GPL-2.0
/* A file that appears complete or not at all. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/random.h>

#include "tool.h"

static const int end_signals[] = {
	SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGXCPU,
};

/* What a signal that ends the program has to remove; set while they are blocked */
static const struct output *volatile unfinished;

static void remove_unfinished(int sig)
{
	if (unfinished)
		unlinkat(unfinished->dir, unfinished->tmp, 0);
	/* SA_RESETHAND: this time it ends the program. */
	raise(sig);
}

static void block_signals(sigset_t *old)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < NR_ELEMS(end_signals); i++)
		sigaddset(&set, end_signals[i]);
	sigprocmask(SIG_BLOCK, &set, old);
}

static void catch_signals(void)
{
	struct sigaction sa = {
		.sa_handler	= remove_unfinished,
		.sa_flags	= (int)SA_RESETHAND,
	};
	struct sigaction old;
	size_t i;

	sigemptyset(&sa.sa_mask);
	for (i = 0; i < NR_ELEMS(end_signals); i++) {
		/* What is ignored, as under nohup, stays so. */
		if (!sigaction(end_signals[i], NULL, &old) &&
		    old.sa_handler != SIG_IGN)
			sigaction(end_signals[i], &sa, NULL);
	}
	/* A limit on the size of files is a failed write, not a reason to die. */
	sa.sa_handler = SIG_IGN;
	sigaction(SIGXFSZ, &sa, NULL);
}

/* Opens the directory of @path, which is changed, and keeps the name in it. */
static bool open_dir(struct output *o, char *path)
{
	char *slash = strrchr(path, '/');

	o->name = strdup(slash ? slash + 1 : path);
	if (!o->name) {
		error_msg(&o->c, "out of memory");
		return false;
	}
	if (slash)
		slash[slash == path] = '\0';
	o->dir = open(slash ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (o->dir < 0)
		error_msg(&o->c, "cannot open its directory: %s", strerror(errno));
	return o->dir >= 0;
}

/* Is it the file that @st is of whose place the new one takes? */
bool output_replaces(const struct output *o, const struct stat *st)
{
	return o->replaces && o->like.st_dev == st->st_dev && o->like.st_ino == st->st_ino;
}

static bool open_new(struct output *o)
{
	size_t len = strlen(o->c.file);
	struct stat st;
	char *path;
	bool good;

	if (!lstat(o->c.file, &st)) {
		error_msg(&o->c, "a symbolic link that leads nowhere");
		return false;
	}
	if (!len || o->c.file[len - 1] == '/') {
		error_msg(&o->c, "not a name for a file");
		return false;
	}
	path = strdup(o->c.file);
	if (!path) {
		error_msg(&o->c, "out of memory");
		return false;
	}
	good = open_dir(o, path);
	free(path);
	return good;
}

/*
 * A symbolic link keeps pointing to its file. Where it leads is what the kernel
 * says, which may refuse to follow it; realpath() only gives that place a name.
 */
static bool open_existing(struct output *o, int fd)
{
	struct stat st;
	char *path;
	bool good;

	if (fstat(fd, &o->like)) {
		error_msg(&o->c, "cannot stat: %s", strerror(errno));
		return false;
	}
	if (!S_ISREG(o->like.st_mode)) {
		error_msg(&o->c, "not a regular file");
		return false;
	}
	o->replaces = true;
	path = realpath(o->c.file, NULL);
	if (!path) {
		error_msg(&o->c, "cannot find its directory: %s", strerror(errno));
		return false;
	}
	good = open_dir(o, path);
	free(path);
	if (!good)
		return false;
	if (fstatat(o->dir, o->name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !output_replaces(o, &st)) {
		error_msg(&o->c, "another file takes its place: try again");
		return false;
	}
	return true;
}

static bool create_tmp(struct output *o)
{
	sigset_t old;
	uint64_t id;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id)) {
		error_msg(&o->c, "no random name: %s", strerror(errno));
		return false;
	}
	snprintf(o->tmp, sizeof(o->tmp), ".kexec-bpf.%016" PRIx64, id);
	catch_signals();
	block_signals(&old);
	o->fd = openat(o->dir, o->tmp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (o->fd >= 0)
		unfinished = o;
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (o->fd < 0)
		error_msg(&o->c, "cannot create a file beside it: %s", strerror(errno));
	return o->fd >= 0;
}

/*
 * Creates what becomes @c->file; @like is the file that it is made from. Returns
 * false after a message. Either way it takes output_close().
 */
bool output_open(struct output *o, const struct context *c, const struct stat *like)
{
	bool good;
	int fd;

	*o = (struct output){ .c = *c, .like = *like, .dir = -1, .fd = -1 };
	fd = open(c->file, O_PATH | O_CLOEXEC);
	if (fd >= 0) {
		good = open_existing(o, fd);
		close(fd);
	} else if (errno == ENOENT) {
		good = open_new(o);
	} else {
		error_msg(c, "cannot open: %s", strerror(errno));
		good = false;
	}
	return good && create_tmp(o);
}

/*
 * What is replaced passes on its owner and mode; a new file is the caller's, with
 * the permissions that cp gives it. Returns 0 or -errno.
 */
static int set_owner_and_mode(const struct output *o)
{
	mode_t mode = o->like.st_mode, mask;

	if (!o->replaces) {
		mask = umask(0);
		umask(mask);
		mode &= 0777 & ~mask;
	} else if (fchown(o->fd, o->like.st_uid, o->like.st_gid)) {
		/* Some file systems know no owners, and some callers may not set them. */
		if (errno != EPERM && errno != EINVAL && errno != EOPNOTSUPP)
			return -errno;
		/* To run as the old owner is not for the new one to grant. */
		mode &= 0777;
	}
	if (fchmod(o->fd, mode & 07777) && errno != EPERM)
		return -errno;
	return 0;
}

/* Ends what create_tmp() began: with @keep by the new name. Returns 0 or -errno. */
static int end_tmp(struct output *o, bool keep)
{
	int ret = 0;
	sigset_t old;

	block_signals(&old);
	if (keep && renameat(o->dir, o->tmp, o->dir, o->name))
		ret = -errno;
	if (!keep || ret)
		unlinkat(o->dir, o->tmp, 0);
	unfinished = NULL;
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(o->fd);
	o->fd = -1;
	return ret;
}

/* Puts the new file in its place. Returns false after a message. */
bool output_commit(struct output *o)
{
	const char *step = "cannot set its owner and mode";
	int ret;

	ret = set_owner_and_mode(o);
	if (!ret) {
		step = "cannot write it to the disk";
		ret = fsync(o->fd) ? -errno : 0;
	}
	if (!ret) {
		step = "cannot rename it";
		ret = end_tmp(o, true);
	}
	/* The new name counts when it would survive a crash. */
	if (!ret && fsync(o->dir) && errno != EINVAL) {
		step = "cannot write its directory to the disk";
		ret = -errno;
	}
	if (ret)
		error_msg(&o->c, "%s: %s", step, strerror(-ret));
	return !ret;
}

void output_close(struct output *o)
{
	if (o->fd >= 0)
		end_tmp(o, false);
	if (o->dir >= 0)
		close(o->dir);
	free(o->name);
}
