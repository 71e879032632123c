// SPDX-License-Identifier: GPL-2.0
/*
 * The plot: time by size, ratios by size, and the share of each step
 */
#include <math.h>
#include <stdio.h>

#include "report.h"

#define WIDTH		1320.0
#define HEIGHT		520.0
#define TOP		70.0
#define BOTTOM		400.0	/* of the axes; the legends are below */
#define LEGEND		455.0
#define LEGEND_STEP	18.0

#define COLOR_FILE	"#7a7a7a"
#define COLOR_FLOOR	"#e08214"
#define COLOR_BPF	"#2166ac"
#define COLOR_LIMIT	"#c51b1b"

/* A panel: what its axes span, on paper and in numbers */
struct panel {
	FILE	*f;
	double	left, right;
	double	x_min, x_max;
	double	y_min, y_max;
};

static double x_at(const struct panel *p, double x)
{
	return p->left + (p->right - p->left) * (x - p->x_min) / (p->x_max - p->x_min);
}

static double y_at(const struct panel *p, double y)
{
	return BOTTOM - (BOTTOM - TOP) * (y - p->y_min) / (p->y_max - p->y_min);
}

static void text(const struct panel *p, double x, double y, const char *anchor,
		 const char *string)
{
	fprintf(p->f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
		x, y, anchor, string);
}

static void line(const struct panel *p, double x1, double y1, double x2,
		 double y2, const char *style)
{
	fprintf(p->f, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n",
		x1, y1, x2, y2, style);
}

/* Sizes stand at the logarithm of their own. */
static double size_x(const struct summary *s)
{
	return log2(s->image_mib);
}

static void open_panel(const struct panel *p, const char *title, const char *y_label,
		       const struct summary *s, size_t n)
{
	double middle = (p->left + p->right) / 2;
	char label[32];
	size_t i;

	fprintf(p->f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" class=\"title\">%s</text>\n",
		middle, TOP - 22, title);
	text(p, middle, BOTTOM + 38, "middle", "size of the image, MiB");
	fprintf(p->f, "<text transform=\"translate(%.1f %.1f) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
		p->left - 48, (TOP + BOTTOM) / 2, y_label);
	line(p, p->left, BOTTOM, p->right, BOTTOM, "stroke=\"#000\"");
	line(p, p->left, TOP, p->left, BOTTOM, "stroke=\"#000\"");
	for (i = 0; i < n; i++) {
		line(p, x_at(p, size_x(&s[i])), BOTTOM, x_at(p, size_x(&s[i])), BOTTOM + 5,
		     "stroke=\"#000\"");
		snprintf(label, sizeof(label), "%.0f", s[i].image_mib);
		text(p, x_at(p, size_x(&s[i])), BOTTOM + 19, "middle", label);
	}
}

static void grid(const struct panel *p, double y, const char *label)
{
	line(p, p->left, y_at(p, y), p->right, y_at(p, y), "stroke=\"#ddd\"");
	text(p, p->left - 7, y_at(p, y) + 4, "end", label);
}

static double get_file(const struct summary *s)
{
	return log10(s->file);
}

static double get_floor(const struct summary *s)
{
	return log10(s->floor);
}

static double get_bpf(const struct summary *s)
{
	return log10(s->bpf);
}

static double get_to_file(const struct summary *s)
{
	return s->to_file;
}

static double get_to_floor(const struct summary *s)
{
	return s->to_floor;
}

static void curve(const struct panel *p, const struct summary *s, size_t n,
		  double (*get)(const struct summary *s), const char *color,
		  const char *dash)
{
	size_t i;

	fprintf(p->f, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2.2\" stroke-dasharray=\"%s\" points=\"",
		color, dash);
	for (i = 0; i < n; i++)
		fprintf(p->f, "%.1f,%.1f ", x_at(p, size_x(&s[i])), y_at(p, get(&s[i])));
	fputs("\"/>\n", p->f);
	for (i = 0; i < n; i++)
		fprintf(p->f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n",
			x_at(p, size_x(&s[i])), y_at(p, get(&s[i])), color);
}

static void legend(const struct panel *p, unsigned int row, const char *color,
		   const char *dash, const char *string)
{
	double y = LEGEND + LEGEND_STEP * row;

	fprintf(p->f, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"2.2\" stroke-dasharray=\"%s\"/>\n",
		p->left, y, p->left + 30, y, color, dash);
	text(p, p->left + 38, y + 4, "start", string);
}

/* Room at both ends, so that no point lies on an axis. */
static struct panel panel(FILE *f, double left, double right, const struct summary *s,
			  size_t n)
{
	struct panel p = {
		.f = f, .left = left, .right = right,
		.x_min = size_x(&s[0]) - 0.5, .x_max = size_x(&s[n - 1]) + 0.5,
	};

	return p;
}

static void draw_time(FILE *f, const struct summary *s, size_t n)
{
	struct panel p = panel(f, 75, 425, s, n);
	double low, high;
	char label[32];
	int decade, i;

	low = fmin(s[0].file, s[0].bpf);
	high = fmax(s[n - 1].floor, s[n - 1].bpf);
	p.y_min = log10(low) - 0.15;
	p.y_max = log10(high) + 0.15;
	for (decade = -3; decade < 5; decade++) {
		for (i = 1; i < 10; i++) {
			double y = log10(i) + decade;

			if (y < p.y_min || y > p.y_max || (i != 1 && i != 2 && i != 5))
				continue;
			snprintf(label, sizeof(label), "%g", pow(10, y));
			grid(&p, y, label);
		}
	}
	open_panel(&p, "Time of a load", "seconds", s, n);
	curve(&p, s, n, get_file, COLOR_FILE, "");
	curve(&p, s, n, get_bpf, COLOR_BPF, "");
	curve(&p, s, n, get_floor, COLOR_FLOOR, "3 5");
	legend(&p, 0, COLOR_BPF, "", "kexec_bpf_load of the signed image");
	legend(&p, 1, COLOR_FILE, "", "kexec_file_load of its parts");
	legend(&p, 2, COLOR_FLOOR, "3 5", "floor: that, and SHA-256 of the initrd");
}

static void draw_ratio(FILE *f, const struct summary *s, size_t n)
{
	struct panel p = panel(f, 515, 855, s, n);
	double step, y, from;
	char label[32];
	size_t i;

	p.y_min = 0.9;
	p.y_max = FLOOR_RATIO_MAX + 0.05;
	for (i = 0; i < n; i++) {
		p.y_min = fmin(p.y_min, fmin(s[i].to_file, s[i].to_floor) - 0.05);
		p.y_max = fmax(p.y_max, fmax(s[i].to_file, s[i].to_floor) + 0.05);
	}
	step = p.y_max - p.y_min > 0.8 ? 0.2 : p.y_max - p.y_min > 0.35 ? 0.1 : 0.05;
	for (y = ceil(p.y_min / step) * step; y <= p.y_max; y += step) {
		snprintf(label, sizeof(label), "%.2f", y);
		grid(&p, y, label);
	}
	open_panel(&p, "kexec_bpf_load in relation", "ratio", s, n);
	from = fmax(log2(FLOOR_FROM_MIB), p.x_min);
	if (from < p.x_max)
		line(&p, x_at(&p, from), y_at(&p, FLOOR_RATIO_MAX), p.right,
		     y_at(&p, FLOOR_RATIO_MAX),
		     "stroke=\"" COLOR_LIMIT "\" stroke-width=\"2\" stroke-dasharray=\"7 4\"");
	curve(&p, s, n, get_to_file, COLOR_FILE, "");
	curve(&p, s, n, get_to_floor, COLOR_BPF, "");
	legend(&p, 0, COLOR_FILE, "", "to kexec_file_load");
	legend(&p, 1, COLOR_BPF, "", "to the floor");
	snprintf(label, sizeof(label), "limit for the latter: %.2f", FLOOR_RATIO_MAX);
	legend(&p, 2, COLOR_LIMIT, "7 4", label);
}

static void draw_shares(FILE *f, const struct summary *s, size_t n)
{
	static const char *const colors[NR_SHARES] = {
		"#000000", "#a6cee3", "#6a3d9a", "#e08214", "#c51b1b", "#f4a6b7",
		"#b3de69", "#2166ac", "#bdbdbd",
	};
	struct panel p = panel(f, 945, 1135, s, n);
	double width, bottom, top;
	char label[48];
	unsigned int step;
	size_t i;

	p.y_max = 100;
	for (step = 0; step <= 100; step += 20) {
		snprintf(label, sizeof(label), "%u", step);
		grid(&p, step, label);
	}
	width = fmin(0.6 * (p.right - p.left) / (double)n, 36);
	for (i = 0; i < n; i++) {
		bottom = 0;
		for (step = KEXEC_BPF_STEP_READ; step < NR_SHARES; step++) {
			top = fmin(bottom + 100 * fmax(s[i].share[step], 0), 100);
			fprintf(f, "<rect x=\"%.1f\" y=\"%.2f\" width=\"%.1f\" height=\"%.2f\" fill=\"%s\"/>\n",
				x_at(&p, size_x(&s[i])) - width / 2, y_at(&p, top), width,
				y_at(&p, bottom) - y_at(&p, top), colors[step]);
			bottom = top;
		}
	}
	open_panel(&p, "Steps of kexec_bpf_load", "percent of its time", s, n);

	/* In the order in which they lie on each other */
	for (step = KEXEC_BPF_STEP_READ; step < NR_SHARES; step++) {
		double y = BOTTOM - 15 - 24 * (step - KEXEC_BPF_STEP_READ);

		fprintf(f, "<rect x=\"1150\" y=\"%.1f\" width=\"13\" height=\"13\" fill=\"%s\"/>\n",
			y - 11, colors[step]);
		text(&p, 1170, y, "start", share_names[step]);
	}
}

int write_svg(const char *path, const struct summary *s, size_t n)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return -1;
	fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"13\">\n"
		"<style>.title { font-size: 16px; font-weight: bold }</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
		WIDTH, HEIGHT, WIDTH, HEIGHT);
	draw_time(f, s, n);
	draw_ratio(f, s, n);
	draw_shares(f, s, n);
	fputs("</svg>\n", f);
	if (ferror(f)) {
		fclose(f);
		return -1;
	}
	return fclose(f);
}
