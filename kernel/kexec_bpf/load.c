// SPDX-License-Identifier: GPL-2.0-only
/*
 * One load, from a descriptor to an image that kexec can boot
 */

#define pr_fmt(fmt) "kexec_bpf: " fmt

#include <crypto/hash.h>
#include <crypto/hash_killable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ima.h>
#include <linux/kernel_read_file.h>
#include <linux/kexec.h>
#include <linux/pe.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "../kexec_file_parts.h"
#include "internal.h"

#define SECTION_BPF	".bpf"

#ifdef CONFIG_X86_64
#define MACHINE		IMAGE_FILE_MACHINE_AMD64
#define ARCH		KEXEC_BPF_ARCH_X86_64
#else
#define MACHINE		IMAGE_FILE_MACHINE_ARM64
#define ARCH		KEXEC_BPF_ARCH_ARM64
#endif

/**
 * kexec_bpf_load_alloc() - begin a load
 * @flags: KEXEC_BPF_*, checked
 * @log_size: size of the caller's log in bytes
 *
 * Return: the load, to be dropped with kexec_bpf_load_put(), or NULL.
 */
struct kexec_bpf_load *kexec_bpf_load_alloc(unsigned long flags,
					    size_t log_size)
{
	struct kexec_bpf_load *load;

	load = kzalloc(sizeof(*load), GFP_KERNEL);
	if (!load)
		return NULL;
	kref_init(&load->ref);
	init_completion(&load->done);
	load->flags = flags;
	load->parser_ms = READ_ONCE(kexec_bpf_parser_ms);
	load->result.size = sizeof(load->result);
	load->step_start = ktime_get();

	load->log.size = min_t(size_t, log_size, KEXEC_BPF_LOG_MAX);
	if (load->log.size) {
		load->log.buf = kvzalloc(load->log.size, GFP_KERNEL);
		if (!load->log.buf)
			goto failed;
	}
	if (kexec_bpf_output_init(&load->out, &load->log))
		goto failed;
	return load;

failed:
	kexec_bpf_load_put(load);
	return NULL;
}

static void load_release(struct kref *ref)
{
	struct kexec_bpf_load *load = container_of(ref, struct kexec_bpf_load,
						   ref);

	kexec_bpf_output_free(&load->out);
	vfree(load->initrd);
	vfree(load->image);
	kvfree(load->log.buf);
	kfree(load);
}

/**
 * kexec_bpf_load_put() - drop a reference to a load
 * @load: the load; the last reference frees it and all it owns
 */
void kexec_bpf_load_put(struct kexec_bpf_load *load)
{
	kref_put(&load->ref, load_release);
}

/**
 * kexec_bpf_step() - begin the next step
 * @load: the load
 * @step: the step
 *
 * A step can come again, when images are nested; its durations add up.
 */
void kexec_bpf_step(struct kexec_bpf_load *load, enum kexec_bpf_step step)
{
	struct kexec_bpf_result *result = &load->result;
	ktime_t now = ktime_get();

	BUILD_BUG_ON(ARRAY_SIZE(result->step_ns) < KEXEC_BPF_NR_STEPS);
	result->step_ns[result->step] += ktime_to_ns(ktime_sub(now, load->step_start));
	result->step = step;
	load->step_start = now;
}

/**
 * kexec_bpf_charge() - count memory that a load holds
 * @load: the load
 * @size: bytes more than before
 */
void kexec_bpf_charge(struct kexec_bpf_load *load, u64 size)
{
	load->mem += size;
	load->result.mem_peak = max(load->result.mem_peak, load->mem);
}

static int read_failed(struct kexec_bpf_load *load, int error)
{
	if (error == -EINVAL)
		kexec_bpf_printk(&load->log, "read: the image is not a regular file, or empty\n");
	else
		kexec_bpf_printk(&load->log, "read: error %d\n", error);
	return error;
}

static int odd_answer(struct kexec_bpf_load *load, ssize_t answer)
{
	kexec_bpf_printk(&load->log, "read: a security policy answers with %zd\n",
			 answer);
	return -EPERM;
}

/*
 * The initrd comes with the image and not by a file of its own. What policies ask
 * of such files they ask of the image, then, and before kexec_bpf_pe_scrub() changes
 * its bytes.
 */
static int ask_for_initrd(struct file *file, void *image, size_t size)
{
	int ret;

	ret = security_kernel_read_file(file, READING_KEXEC_INITRAMFS, true);
	return ret ? ret :
		     security_kernel_post_read_file(file, image, size,
						    READING_KEXEC_INITRAMFS);
}

static int read_image(struct kexec_bpf_load *load, int fd)
{
	CLASS(fd, f)(fd);
	loff_t limit = READ_ONCE(kexec_bpf_image_max), size;
	size_t file_size = 0;
	ssize_t ret;

	if (fd_empty(f) || !(fd_file(f)->f_mode & FMODE_READ))
		return read_failed(load, -EBADF);
	size = i_size_read(file_inode(fd_file(f)));
	if (size <= 0)
		return read_failed(load, -EINVAL);
	if (size > limit) {
		kexec_bpf_printk(&load->log, "read: the image is larger than %lld bytes, see sysctl kernel.kexec_bpf_image_max\n",
				 limit);
		return -EFBIG;
	}

	/*
	 * A tracing program can have a security hook return a positive number.
	 * That passes for bytes that were read, or for the size of the file: so
	 * there is a size of our own to hold it to, and a buffer that ends where
	 * kernel_read_file() stops to count.
	 */
	load->image = vmalloc(size);
	if (!load->image)
		return read_failed(load, -ENOMEM);
	kexec_bpf_charge(load, size);

	/* The purpose is what IMA and security policies decide on. */
	ret = kernel_read_file(fd_file(f), 0, &load->image, size, &file_size,
			       READING_KEXEC_IMAGE);
	if (ret < 0)
		return read_failed(load, ret);
	/* Of a file that was not read it stays 0. */
	if (file_size && file_size != size) {
		kexec_bpf_printk(&load->log, "read: the image changes its size from %lld to %zu bytes\n",
				 size, file_size);
		return -EIO;
	}
	if (!file_size || ret != size)
		return odd_answer(load, ret);

	ret = ask_for_initrd(fd_file(f), load->image, size);
	if (ret < 0)
		return read_failed(load, ret);
	if (ret)
		return odd_answer(load, ret);

	load->image_size = size;
	if (load->flags & KEXEC_BPF_DEBUG)
		kexec_bpf_printk(&load->log, "read: image of %#zx bytes\n",
				 load->image_size);
	return 0;
}

/*
 * Find the parser of an image whose headers were checked. An image without one
 * is not for us, whatever else may be wrong with it.
 */
static int find_parser(struct kexec_bpf_load *load, struct kexec_bpf_pe *pe)
{
	struct kexec_bpf_range range;
	int ret;

	if (kexec_bpf_pe_find(pe, SECTION_BPF, NULL, &load->log)) {
		kexec_bpf_printk(&load->log, "image: none of its %u sections is '%s'\n",
				 pe->nr_sections, SECTION_BPF);
		return -ENOEXEC;
	}
	ret = kexec_bpf_pe_screen(pe, &load->log);
	if (!ret)
		ret = kexec_bpf_pe_find(pe, SECTION_BPF, &range, &load->log);
	if (ret)
		return ret;
	load->parser = pe->data + range.offset;
	load->parser_size = range.size;
	return 0;
}

static int screen_image(struct kexec_bpf_load *load, struct kexec_bpf_pe *pe)
{
	int ret;

	kexec_bpf_step(load, KEXEC_BPF_STEP_SCREEN);
	ret = kexec_bpf_pe_open(pe, load->image, load->image_size, MACHINE,
				&load->log);
	return ret ? ret : find_parser(load, pe);
}

static bool signatures_enforced(void)
{
	return kexec_sig_enforced() ||
	       ima_appraise_signature(READING_KEXEC_IMAGE) ||
	       ima_appraise_signature(READING_KEXEC_INITRAMFS) ||
	       security_locked_down(LOCKDOWN_KEXEC);
}

/*
 * What cannot be verified can be let through, unless that is what signatures
 * are enforced against. What was verified to be wrong cannot.
 */
static int allow_unsigned(struct kexec_bpf_load *load, int error)
{
	if (!(load->flags & KEXEC_BPF_ALLOW_UNSIGNED))
		return error;
	if (load->out.enforced) {
		kexec_bpf_printk(&load->log, "signature: unsigned images are allowed by the caller, but not by this kernel\n");
		return -EPERM;
	}
	kexec_bpf_printk(&load->log, "signature: the caller allows the image nevertheless\n");
	return 0;
}

static int verify_image(struct kexec_bpf_load *load)
{
	int ret;

	kexec_bpf_step(load, KEXEC_BPF_STEP_SIGNATURE);
	load->out.enforced = signatures_enforced();
	if (load->out.enforced)
		load->result.flags |= KEXEC_BPF_RESULT_ENFORCED;

	if (load->out.enforced && load->flags & KEXEC_BPF_NO_INITRAMFS) {
		kexec_bpf_printk(&load->log, "signature: signatures are enforced, so the initrd cannot be left out\n");
		return -EPERM;
	}

	ret = kexec_kernel_verify_pe_sig(load->image, load->image_size);
	switch (ret) {
	case 0:
		load->verified = true;
		load->result.flags |= KEXEC_BPF_RESULT_VERIFIED;
		if (load->flags & KEXEC_BPF_DEBUG)
			kexec_bpf_printk(&load->log, "signature: good\n");
		return 0;
	case -EINTR:
	case -ENOMEM:
		return ret;
	case -ENODATA:
		kexec_bpf_printk(&load->log, "signature: the image has none\n");
		return allow_unsigned(load, ret);
	case -ENOKEY:
		kexec_bpf_printk(&load->log, "signature: no key of this kernel leads to its certificate\n");
		return allow_unsigned(load, ret);
	case -ENOPKG:
		kexec_bpf_printk(&load->log, "signature: this kernel lacks its hash or its public key algorithm\n");
		return allow_unsigned(load, ret);
	default:
		kexec_bpf_printk(&load->log, "signature: it is malformed, revoked, or not one of these bytes: error %d\n",
				 ret);
		return -EKEYREJECTED;
	}
}

static void fill_info(struct kexec_bpf_load *load, u32 depth)
{
	struct kexec_bpf_info *info = &load->out.info;

	info->abi = KEXEC_BPF_ABI;
	info->arch = ARCH;
	info->flags = 0;
	if (load->out.enforced)
		info->flags |= KEXEC_BPF_INFO_ENFORCED;
	if (load->verified)
		info->flags |= KEXEC_BPF_INFO_VERIFIED;
	if (load->flags & KEXEC_BPF_ON_CRASH)
		info->flags |= KEXEC_BPF_INFO_ON_CRASH;
	if (load->flags & KEXEC_BPF_NO_INITRAMFS)
		info->flags |= KEXEC_BPF_INFO_NO_INITRAMFS;
	if (load->flags & KEXEC_BPF_DEBUG)
		info->flags |= KEXEC_BPF_INFO_DEBUG;
	info->nr_files = 0;
	info->depth = depth;
	info->cmdline_max = KEXEC_BPF_CMDLINE_MAX;
}

/*
 * The kernel that a parser chose can be a PE file with a parser of its own, a
 * zboot image in a UKI for one. It need not: any kernel is a fine kernel.
 *
 * Return: 1 and @pe if it is one, 0 if not, or an error if it is a broken one.
 */
static int find_nested_parser(struct kexec_bpf_load *load,
			      struct kexec_bpf_pe *pe)
{
	const struct kexec_bpf_output *out = &load->out;
	struct kexec_bpf_log quiet = {};
	int ret;

	kexec_bpf_step(load, KEXEC_BPF_STEP_SCREEN);
	if (kexec_bpf_pe_open(pe, kexec_bpf_output_bytes(out, &out->kernel),
			      out->kernel.range.size, MACHINE, &quiet) ||
	    kexec_bpf_pe_find(pe, SECTION_BPF, NULL, &quiet))
		return 0;
	ret = find_parser(load, pe);
	return ret ? ret : 1;
}

/* Run one parser after the other, until a kernel has none. */
static int run_parsers(struct kexec_bpf_load *load, struct kexec_bpf_pe *pe)
{
	struct kexec_bpf_output *out = &load->out;
	bool verified = load->verified;
	u32 depth;
	int ret;

	for (depth = 0; depth < KEXEC_BPF_DEPTH_MAX; depth++) {
		fill_info(load, depth);
		ret = kexec_bpf_output_image(out, pe->data, pe->end, verified);
		if (!ret)
			ret = kexec_bpf_run_parser(load);
		if (ret)
			return ret;
		if (!out->kernel.range.size) {
			kexec_bpf_printk(&load->log, "run: the parser has chosen no kernel\n");
			return -ENOMSG;
		}
		verified = out->buffers[out->kernel.buffer].verified;

		ret = find_nested_parser(load, pe);
		if (ret <= 0)
			return ret;
	}
	kexec_bpf_printk(&load->log, "run: kernels nested more than %u deep\n",
			 KEXEC_BPF_DEPTH_MAX);
	return -ELOOP;
}

/* Segments are contiguous, so several pieces have to be joined. */
static int join_initrd(struct kexec_bpf_load *load,
		       struct kexec_file_parts *parts)
{
	const struct kexec_bpf_output *out = &load->out;
	u64 pos = 0, done, chunk;
	const void *src;
	u32 i;

	parts->initrd_len = out->initrd_size;
	if (out->nr_initrd == 0)
		return 0;
	if (out->nr_initrd == 1) {
		parts->initrd = (void *)kexec_bpf_output_bytes(out, out->initrd);
		return 0;
	}

	load->initrd = vmalloc(out->initrd_size);
	if (!load->initrd)
		return -ENOMEM;
	kexec_bpf_charge(load, out->initrd_size);
	for (i = 0; i < out->nr_initrd; i++) {
		src = kexec_bpf_output_bytes(out, &out->initrd[i]);
		for (done = 0; done < out->initrd[i].range.size; done += chunk) {
			if (fatal_signal_pending(current))
				return -EINTR;
			chunk = min_t(u64, SZ_1M,
				      out->initrd[i].range.size - done);
			memcpy(load->initrd + pos, src + done, chunk);
			pos += chunk;
			cond_resched();
		}
	}
	load->result.copied += out->initrd_size;
	parts->initrd = load->initrd;
	return 0;
}

static int digest(const void *data, size_t size, u8 *sha256)
{
	struct crypto_shash *tfm;
	SHASH_DESC_ON_STACK(desc, tfm);
	int ret;

	tfm = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	desc->tfm = tfm;
	ret = crypto_shash_init(desc);
	if (!ret)
		ret = crypto_shash_update_killable(desc, data, size);
	if (!ret)
		ret = crypto_shash_final(desc, sha256);
	crypto_free_shash(tfm);
	return ret;
}

static int digest_parts(struct kexec_bpf_load *load,
			const struct kexec_file_parts *parts)
{
	struct kexec_bpf_result *result = &load->result;
	int ret;

	ret = digest(parts->kernel, parts->kernel_len, result->kernel.sha256);
	if (!ret)
		ret = digest(parts->initrd, parts->initrd_len,
			     result->initrd.sha256);
	if (!ret)
		ret = digest(parts->cmdline, parts->cmdline_len - 1,
			     result->cmdline.sha256);
	if (!ret)
		result->flags |= KEXEC_BPF_RESULT_SHA256;
	return ret;
}

/*
 * Ask before anything is measured or replaced: of a crash kernel, what is loaded
 * is gone once kexec begins with the segments. A loader may still find later that
 * it cannot take the kernel.
 */
static int probe_kernel(struct kexec_bpf_load *load,
			const struct kexec_file_parts *parts)
{
	const struct kexec_file_ops * const *ops;

	for (ops = kexec_file_loaders; *ops && (*ops)->probe; ops++) {
		if (!(*ops)->probe(parts->kernel, parts->kernel_len))
			return 0;
	}
	kexec_bpf_printk(&load->log, "kexec: the kernel of %#lx bytes is none that this architecture loads\n",
			 parts->kernel_len);
	return -ENOEXEC;
}

static void log_parts(struct kexec_bpf_load *load,
		      const struct kexec_file_parts *parts)
{
	const struct kexec_bpf_output *out = &load->out;
	char text[64];
	u32 i;

	kexec_bpf_printk(&load->log, "kexec: kernel of %#lx bytes, initrd of %#lx bytes in %u pieces, command line '",
			 parts->kernel_len, parts->initrd_len, out->nr_initrd);
	for (i = 0; i < out->cmdline_len; i += sizeof(text) - 1) {
		kexec_bpf_printable(text, sizeof(text), out->cmdline + i,
				    out->cmdline_len - i);
		kexec_bpf_printk(&load->log, "%s", text);
	}
	kexec_bpf_printk(&load->log, "'\n");
}

static int collect(struct kexec_bpf_load *load, struct kexec_file_parts *parts)
{
	struct kexec_bpf_output *out = &load->out;
	int ret;

	kexec_bpf_step(load, KEXEC_BPF_STEP_COLLECT);
	parts->kernel = (void *)kexec_bpf_output_bytes(out, &out->kernel);
	parts->kernel_len = out->kernel.range.size;
	parts->cmdline = out->cmdline;
	parts->cmdline_len = out->cmdline_len + 1;
	ret = probe_kernel(load, parts);
	if (!ret)
		ret = join_initrd(load, parts);
	if (ret)
		return ret;

	load->result.kernel.size = parts->kernel_len;
	load->result.initrd.size = parts->initrd_len;
	load->result.cmdline.size = out->cmdline_len;
	if (load->flags & KEXEC_BPF_DEBUG)
		log_parts(load, parts);
	return load->flags & KEXEC_BPF_SHA256 ? digest_parts(load, parts) : 0;
}

static int hand_over(struct kexec_bpf_load *load, int image_fd,
		     struct kexec_file_parts *parts)
{
	unsigned long flags = 0;
	int ret;

	kexec_bpf_step(load, KEXEC_BPF_STEP_SEGMENTS);
	parts->dry_run = load->flags & KEXEC_BPF_DRY_RUN;

	/*
	 * The memory reserved for the crash kernel holds the one that is
	 * loaded; a dry run has to stay out of it.
	 */
	if ((load->flags & KEXEC_BPF_ON_CRASH) && !parts->dry_run)
		flags |= KEXEC_FILE_ON_CRASH;
	if (load->flags & KEXEC_BPF_DEBUG)
		flags |= KEXEC_FILE_DEBUG;

	ret = do_kexec_file_load(image_fd, -1, 0, NULL, flags, parts);
	switch (ret) {
	case 0:
		break;
	case -EBUSY:
		kexec_bpf_printk(&load->log, "kexec: another load is under way\n");
		break;
	case -EADDRNOTAVAIL:
		kexec_bpf_printk(&load->log, "kexec: no room in memory for kernel of %#lx and initrd of %#lx bytes\n",
				 parts->kernel_len, parts->initrd_len);
		break;
	case -EINVAL:
		kexec_bpf_printk(&load->log, "kexec: kernel of %#lx and initrd of %#lx bytes are refused, as when they take more than half of memory, or the kernel takes no command line of %lu bytes\n",
				 parts->kernel_len, parts->initrd_len,
				 parts->cmdline_len - 1);
		break;
	default:
		kexec_bpf_printk(&load->log, "kexec: kernel of %#lx and initrd of %#lx bytes: error %d\n",
				 parts->kernel_len, parts->initrd_len, ret);
	}
	return ret;
}

/**
 * kexec_bpf_load_image() - do a load
 * @load: the load
 * @image_fd: the image
 *
 * Return: 0 or a negative errno, as listed for the system call.
 */
int kexec_bpf_load_image(struct kexec_bpf_load *load, int image_fd)
{
	struct kexec_file_parts parts = {};
	struct kexec_bpf_pe pe;
	int ret;

	kexec_bpf_step(load, KEXEC_BPF_STEP_READ);
	ret = read_image(load, image_fd);
	if (ret)
		return ret;
	ret = screen_image(load, &pe);
	if (ret)
		return ret;
	ret = verify_image(load);
	if (ret)
		return ret;
	kexec_bpf_pe_scrub(&pe, load->image);

	ret = run_parsers(load, &pe);
	if (ret)
		return ret;
	ret = collect(load, &parts);
	if (ret)
		return ret;
	ret = hand_over(load, image_fd, &parts);
	if (ret)
		return ret;
	if (!parts.dry_run)
		load->result.flags |= KEXEC_BPF_RESULT_PUBLISHED;
	kexec_bpf_step(load, KEXEC_BPF_STEP_DONE);
	return 0;
}
