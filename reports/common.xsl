<?xml version="1.0" encoding="UTF-8"?>
<!--
  What every page has: the frame, words in the page's language, times, and
  figures that lead to the rows behind them. A page imports it and has a
  template for ev:input of mode "body"; its title is the word "page.NAME".
  review/report.h says what a page is made of.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>

<xsl:key name="word" match="ev:word" use="@key"/>
<xsl:key name="tally" match="ev:tally" use="@id"/>
<xsl:key name="class" match="ev:classes/ev:class" use="@name"/>
<xsl:key name="column" match="ev:column" use="concat(../@name, ' ', @name)"/>

<xsl:variable name="zh" select="/ev:input/@lang = 'zh'"/>

<!-- ==== Words ==== -->

<!-- The word of that key; a key without one stands for itself. -->
<xsl:template name="t">
 <xsl:param name="key"/>
 <xsl:variable name="word" select="key('word', $key)[1]"/>
 <xsl:choose>
  <xsl:when test="not($word)"><xsl:value-of select="$key"/></xsl:when>
  <xsl:when test="$zh"><xsl:value-of select="$word/@zh"/></xsl:when>
  <xsl:otherwise><xsl:value-of select="$word/@en"/></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- Of a class, or of a column of it. -->
<xsl:template name="title">
 <xsl:param name="class"/>
 <xsl:param name="column"/>
 <xsl:variable name="found" select="key('class', $class)[string($column) = ''] | key('column', concat($class, ' ', $column))"/>
 <xsl:choose>
  <xsl:when test="$zh"><xsl:value-of select="$found/@titleZh"/></xsl:when>
  <xsl:otherwise><xsl:value-of select="$found/@title"/></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- ==== Times: the pack has UTC, its days are those of a zone ==== -->

<!--
  Minutes before UTC of the zone at whose midnight the pack's period begins.
-->
<xsl:variable name="zone">
 <xsl:variable name="from" select="/ev:input/ev:manifest/@from"/>
 <xsl:variable name="minutes" select="(1440 - 60 * substring($from, 12, 2) - substring($from, 15, 2)) mod 1440"/>
 <xsl:choose>
  <xsl:when test="string($from) = ''">0</xsl:when>
  <xsl:otherwise><xsl:value-of select="$minutes - 1440 * ($minutes &gt; 840)"/></xsl:otherwise>
 </xsl:choose>
</xsl:variable>

<xsl:template name="zone">
 <xsl:variable name="minutes" select="$zone * (1 - 2 * ($zone &lt; 0))"/>
 <xsl:text>UTC</xsl:text>
 <xsl:if test="$zone &lt; 0">−</xsl:if>
 <xsl:if test="$zone &gt; 0">+</xsl:if>
 <xsl:if test="$zone != 0"><xsl:value-of select="floor($minutes div 60)"/></xsl:if>
 <xsl:if test="$minutes mod 60 != 0"><xsl:value-of select="concat(':', format-number($minutes mod 60, '00'))"/></xsl:if>
</xsl:template>

<xsl:template name="days-of-month">
 <xsl:param name="year"/>
 <xsl:param name="month"/>
 <xsl:variable name="leap" select="($year mod 4 = 0 and $year mod 100 != 0) or $year mod 400 = 0"/>
 <xsl:value-of select="31 - ($month = 4 or $month = 6 or $month = 9 or $month = 11) - ($month = 2) * (3 - $leap)"/>
</xsl:template>

<!-- The day, YYYY-MM-DD, that is "by" days later: 1, 0 or -1. -->
<xsl:template name="day-beside">
 <xsl:param name="day"/>
 <xsl:param name="by"/>
 <xsl:variable name="d" select="substring($day, 9, 2) + $by"/>
 <xsl:variable name="back" select="number($d = 0)"/>
 <xsl:variable name="m" select="substring($day, 6, 2) - $back"/>
 <xsl:variable name="y" select="substring($day, 1, 4) - ($m = 0)"/>
 <xsl:variable name="month" select="$m + 12 * ($m = 0)"/>
 <xsl:variable name="days"><xsl:call-template name="days-of-month"><xsl:with-param name="year" select="$y"/><xsl:with-param name="month" select="$month"/></xsl:call-template></xsl:variable>
 <xsl:variable name="over" select="number($d &gt; $days)"/>
 <xsl:variable name="last" select="number($month + $over &gt; 12)"/>
 <xsl:value-of select="concat(format-number($y + $last, '0000'), '-', format-number($month + $over - 12 * $last, '00'), '-', format-number($d * (1 - $over) * (1 - $back) + $over + $days * $back, '00'))"/>
</xsl:template>

<!-- YYYY-MM-DD hh:mm of UTC, as it is in the zone. -->
<xsl:template name="local">
 <xsl:param name="at"/>
 <xsl:variable name="minutes" select="60 * substring($at, 12, 2) + substring($at, 15, 2) + $zone"/>
 <xsl:variable name="by" select="floor($minutes div 1440)"/>
 <xsl:variable name="left" select="$minutes - 1440 * $by"/>
 <xsl:choose>
  <xsl:when test="$by = 0"><xsl:value-of select="substring($at, 1, 10)"/></xsl:when>
  <xsl:otherwise><xsl:call-template name="day-beside"><xsl:with-param name="day" select="substring($at, 1, 10)"/><xsl:with-param name="by" select="$by"/></xsl:call-template></xsl:otherwise>
 </xsl:choose>
 <xsl:value-of select="concat(' ', format-number(floor($left div 60), '00'), ':', format-number($left mod 60, '00'))"/>
</xsl:template>

<!-- A time or a day, for people: minutes are enough. -->
<xsl:template name="date">
 <xsl:param name="at"/>
 <xsl:choose>
  <xsl:when test="string($at) = ''"><span class="none">–</span></xsl:when>
  <xsl:when test="$at = 'never'"><xsl:call-template name="t"><xsl:with-param name="key">never</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="string-length($at) = 10"><time datetime="{$at}"><xsl:value-of select="$at"/></time></xsl:when>
  <xsl:otherwise><time datetime="{$at}"><xsl:call-template name="local"><xsl:with-param name="at" select="$at"/></xsl:call-template></time></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- For covers: 民國 115 年 10 月 1 日, or the day as it is. day: YYYY-MM-DD. -->
<xsl:template name="roc">
 <xsl:param name="day"/>
 <xsl:choose>
  <xsl:when test="$zh and number(substring($day, 1, 4)) &gt; 1911"><xsl:value-of select="concat('民國 ', number(substring($day, 1, 4)) - 1911, ' 年 ', number(substring($day, 6, 2)), ' 月 ', number(substring($day, 9, 2)), ' 日')"/></xsl:when>
  <xsl:otherwise><xsl:value-of select="$day"/></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- From the first day of the pack to its last; @to is the first beyond. -->
<xsl:template name="period">
 <xsl:variable name="m" select="/ev:input/ev:manifest"/>
 <xsl:variable name="from"><xsl:call-template name="local"><xsl:with-param name="at" select="$m/@from"/></xsl:call-template></xsl:variable>
 <xsl:variable name="beyond"><xsl:call-template name="local"><xsl:with-param name="at" select="$m/@to"/></xsl:call-template></xsl:variable>
 <xsl:variable name="first" select="substring($from, 1, 10)"/>
 <xsl:variable name="last"><xsl:call-template name="day-beside"><xsl:with-param name="day" select="substring($beyond, 1, 10)"/><xsl:with-param name="by" select="-number(substring($beyond, 12) = '00:00')"/></xsl:call-template></xsl:variable>
 <xsl:call-template name="roc"><xsl:with-param name="day" select="$first"/></xsl:call-template>
 <xsl:call-template name="t"><xsl:with-param name="key">period.to</xsl:with-param></xsl:call-template>
 <xsl:call-template name="roc"><xsl:with-param name="day" select="$last"/></xsl:call-template>
 <xsl:if test="$zh"><xsl:value-of select="concat('（', $first, '–', $last, '）')"/></xsl:if>
</xsl:template>

<!-- ==== Figures ==== -->

<xsl:template name="count">
 <xsl:param name="value"/>
 <xsl:value-of select="format-number($value, '#,##0.####')"/>
</xsl:template>

<!--
  The sum of a tally's cells, and the way to the rows behind it. a, b, c: what
  its columns have; '*' is anything. what: "count", or "sum" of its column.
  review/report_list.c says what the names of lists mean.
-->
<xsl:template name="figure">
 <xsl:param name="tally"/>
 <xsl:param name="a" select="'*'"/>
 <xsl:param name="b" select="'*'"/>
 <xsl:param name="c" select="'*'"/>
 <xsl:param name="what" select="'count'"/>
 <xsl:variable name="found" select="key('tally', $tally)"/>
 <xsl:variable name="cells" select="$found/ev:cell[($a = '*' or string(@a) = $a) and ($b = '*' or string(@b) = $b) and ($c = '*' or string(@c) = $c)]"/>
 <xsl:variable name="whole" select="$a = '*' and $b = '*' and $c = '*' and $what = 'count'"/>
 <xsl:variable name="value">
  <xsl:choose>
   <xsl:when test="$whole"><xsl:value-of select="sum($found/@count)"/></xsl:when>
   <xsl:when test="$what = 'sum'"><xsl:value-of select="format-number(sum($cells/@sum), '0.####')"/></xsl:when>
   <xsl:otherwise><xsl:value-of select="sum($cells/@count)"/></xsl:otherwise>
  </xsl:choose>
 </xsl:variable>
 <xsl:variable name="name">
  <xsl:choose>
   <xsl:when test="not($cells)"/>
   <xsl:when test="$a = '*' and $b = '*' and $c = '*'">0</xsl:when>
   <xsl:otherwise>
    <xsl:if test="count($cells) &gt; 1">
     <xsl:if test="$a != '*'">a</xsl:if>
     <xsl:if test="$b != '*'">b</xsl:if>
     <xsl:if test="$c != '*'">c</xsl:if>
    </xsl:if>
    <xsl:value-of select="count($cells[1]/preceding-sibling::ev:cell) + 1"/>
   </xsl:otherwise>
  </xsl:choose>
 </xsl:variable>
 <xsl:choose>
  <xsl:when test="string($name) = ''">
   <span class="figure" data-tally="{$tally}" data-cell="{$name}" data-what="{$what}" data-value="{$value}">
    <xsl:call-template name="count"><xsl:with-param name="value" select="$value"/></xsl:call-template>
   </span>
  </xsl:when>
  <xsl:otherwise>
   <a class="figure" href="{/ev:input/@root}lists/{$tally}/{$name}.html" data-tally="{$tally}" data-cell="{$name}" data-what="{$what}" data-value="{$value}">
    <xsl:call-template name="count"><xsl:with-param name="value" select="$value"/></xsl:call-template>
   </a>
  </xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- How many rows of a class the pack has; they are in its table. -->
<xsl:template name="rows-figure">
 <xsl:param name="class"/>
 <xsl:variable name="rows" select="/ev:input/ev:manifest/ev:class[@name = $class]/@rows"/>
 <xsl:choose>
  <xsl:when test="$rows &gt; 0">
   <a class="figure" href="{/ev:input/@root}../tables/{$class}.csv" data-class="{$class}" data-value="{$rows}">
    <xsl:call-template name="count"><xsl:with-param name="value" select="$rows"/></xsl:call-template>
   </a>
  </xsl:when>
  <xsl:otherwise><span class="figure" data-class="{$class}" data-value="0">0</span></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- ==== Rows ==== -->

<!-- A value as people read it: words by type or column, then as it is. -->
<xsl:template name="value">
 <xsl:param name="class"/>
 <xsl:param name="column"/>
 <xsl:param name="type" select="key('column', concat($class, ' ', $column))/@type"/>
 <xsl:param name="value"/>
 <xsl:choose>
  <xsl:when test="string($value) = ''"><span class="none">–</span></xsl:when>
  <xsl:when test="$type = 'time' or $type = 'day'"><xsl:call-template name="date"><xsl:with-param name="at" select="$value"/></xsl:call-template></xsl:when>
  <xsl:when test="$type = 'count' or $type = 'decimal'"><xsl:call-template name="count"><xsl:with-param name="value" select="$value"/></xsl:call-template></xsl:when>
  <xsl:when test="$type = 'id' or $type = 'hex'"><span class="code"><xsl:value-of select="$value"/></span></xsl:when>
  <xsl:when test="$type = 'text' or $type = 'body'"><bdi><xsl:value-of select="$value"/></bdi></xsl:when>
  <xsl:otherwise>
   <xsl:variable name="of-column" select="key('word', concat($class, '.', $column, '.', $value))"/>
   <xsl:variable name="word" select="$of-column | key('word', concat($type, '.', $value))[not($of-column)]"/>
   <xsl:choose>
    <xsl:when test="not($word)"><bdi><xsl:value-of select="$value"/></bdi></xsl:when>
    <xsl:when test="$type = 'severity' or $type = 'verdict' or $type = 'findingStatus' or $type = 'dailyMark' or $type = 'riskBlock'">
     <span class="mark {$value}"><xsl:call-template name="t"><xsl:with-param name="key" select="$word[1]/@key"/></xsl:call-template></span>
    </xsl:when>
    <xsl:otherwise><xsl:call-template name="t"><xsl:with-param name="key" select="$word[1]/@key"/></xsl:call-template></xsl:otherwise>
   </xsl:choose>
  </xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!--
  Columns of a class by their names, in the order of evidence.xsd: those in
  which any row has something, and of texts in two languages the page's.
-->
<xsl:template name="table">
 <xsl:param name="class"/>
 <xsl:param name="columns" select="''"/>
 <xsl:param name="rows"/>
 <xsl:param name="caption"/>
 <xsl:variable name="padded" select="concat(' ', $columns, ' ')"/>
 <xsl:variable name="has" select="concat(' ', $rows[1]/../@has, ' ')"/>
 <xsl:variable name="chosen" select="key('class', $class)/ev:column[$columns = '' or contains($padded, concat(' ', @name, ' '))]
  [@name = '' or contains($has, concat(' ', @name, ' '))]
  [$zh or substring(@name, string-length(@name) - 1) != 'Zh']
  [not($zh and ../ev:column/@name = concat(@name, 'Zh') and contains($has, concat(' ', @name, 'Zh ')))]"/>
 <div class="scroll" tabindex="0" role="region" aria-label="{$caption}">
  <table>
   <caption class="unseen"><xsl:value-of select="$caption"/></caption>
   <thead><tr>
    <xsl:for-each select="$chosen">
     <th scope="col">
      <xsl:choose>
       <xsl:when test="@type = 'count' or @type = 'decimal'"><xsl:attribute name="class">number</xsl:attribute></xsl:when>
       <xsl:when test="@type = 'id' or @type = 'severity' or @type = 'flag'"><xsl:attribute name="class">short</xsl:attribute></xsl:when>
      </xsl:choose>
      <xsl:choose>
       <xsl:when test="$zh"><xsl:value-of select="@titleZh"/></xsl:when>
       <xsl:otherwise><xsl:value-of select="@title"/></xsl:otherwise>
      </xsl:choose>
     </th>
    </xsl:for-each>
   </tr></thead>
   <tbody>
    <xsl:for-each select="$rows">
     <xsl:variable name="row" select="."/>
     <tr>
      <xsl:for-each select="$chosen">
       <xsl:variable name="name" select="string(@name)"/>
       <xsl:variable name="type" select="string(@type)"/>
       <xsl:variable name="value" select="string($row/@*[name() = $name] | $row/text()[$name = ''])"/>
       <td>
        <xsl:choose>
         <xsl:when test="$type = 'count' or $type = 'decimal'"><xsl:attribute name="class">number</xsl:attribute></xsl:when>
         <xsl:when test="$type = 'time' or $type = 'day'"><xsl:attribute name="class">date</xsl:attribute></xsl:when>
         <xsl:when test="$type = 'id' or $type = 'severity' or $type = 'flag' or $name = 'rule'"><xsl:attribute name="class">short</xsl:attribute></xsl:when>
         <xsl:when test="$type = 'body'"><xsl:attribute name="class">record</xsl:attribute></xsl:when>
         <xsl:when test="$name = 'text' or $name = 'textZh' or $name = 'reason'"><xsl:attribute name="class">long</xsl:attribute></xsl:when>
        </xsl:choose>
        <xsl:choose>
         <xsl:when test="$value = ''"><span class="none">–</span></xsl:when>
         <!-- Texts that are words, too. -->
         <xsl:when test="$type = 'text' and ($name = 'reason' or $name = 'severity')">
          <xsl:call-template name="value">
           <xsl:with-param name="class" select="$class"/>
           <xsl:with-param name="column" select="$name"/>
           <xsl:with-param name="type" select="$name"/>
           <xsl:with-param name="value" select="$value"/>
          </xsl:call-template>
         </xsl:when>
         <xsl:when test="$type = 'text' or $type = 'body'"><bdi><xsl:value-of select="$value"/></bdi></xsl:when>
         <xsl:otherwise>
          <xsl:call-template name="value">
           <xsl:with-param name="class" select="$class"/>
           <xsl:with-param name="column" select="$name"/>
           <xsl:with-param name="type" select="$type"/>
           <xsl:with-param name="value" select="$value"/>
          </xsl:call-template>
         </xsl:otherwise>
        </xsl:choose>
       </td>
      </xsl:for-each>
     </tr>
    </xsl:for-each>
   </tbody>
  </table>
 </div>
</xsl:template>

<!-- That a page has fewer rows of a class than there are. -->
<xsl:template name="fewer">
 <xsl:param name="rows"/>
 <xsl:if test="$rows/@shown &lt; $rows/@total">
  <p class="caution">
   <xsl:call-template name="count"><xsl:with-param name="value" select="$rows/@shown"/></xsl:call-template>
   <xsl:text> / </xsl:text>
   <xsl:call-template name="count"><xsl:with-param name="value" select="$rows/@total"/></xsl:call-template>
   <xsl:text> </xsl:text>
   <xsl:call-template name="t"><xsl:with-param name="key">fewer</xsl:with-param></xsl:call-template>
   <xsl:text> </xsl:text>
   <a href="{/ev:input/@root}../tables/{$rows/@class}.csv"><xsl:value-of select="concat($rows/@class, '.csv')"/></a>
  </p>
 </xsl:if>
</xsl:template>

<!-- ==== The frame ==== -->

<xsl:template match="/">
 <xsl:apply-templates select="ev:input"/>
</xsl:template>

<xsl:template match="ev:input" mode="title">
 <xsl:call-template name="t"><xsl:with-param name="key" select="concat('page.', @page)"/></xsl:call-template>
</xsl:template>

<xsl:template name="banner">
 <xsl:param name="key"/>
 <p class="banner" role="note"><xsl:call-template name="t"><xsl:with-param name="key" select="concat('banner.', $key)"/></xsl:call-template></p>
</xsl:template>

<xsl:template match="ev:input">
 <html>
  <xsl:attribute name="lang"><xsl:choose><xsl:when test="$zh">zh-TW</xsl:when><xsl:otherwise>en</xsl:otherwise></xsl:choose></xsl:attribute>
  <head>
   <meta name="viewport" content="width=device-width, initial-scale=1"/>
   <meta name="generator" content="{ev:manifest/@program}"/>
   <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/>
   <title>
    <xsl:apply-templates select="." mode="title"/>
    <xsl:text> · </xsl:text>
    <xsl:call-template name="t"><xsl:with-param name="key">pack</xsl:with-param></xsl:call-template>
    <xsl:value-of select="concat(' ', ev:manifest/@sequence)"/>
   </title>
   <style><xsl:value-of select="ev:style"/></style>
  </head>
  <body class="{@page}">
   <header>
    <xsl:if test="@banner != ''"><xsl:call-template name="banner"><xsl:with-param name="key" select="@banner"/></xsl:call-template></xsl:if>
    <xsl:if test="ev:manifest/@rehearsal = 'true'"><xsl:call-template name="banner"><xsl:with-param name="key">rehearsal</xsl:with-param></xsl:call-template></xsl:if>
    <nav>
     <xsl:attribute name="aria-label"><xsl:call-template name="t"><xsl:with-param name="key">nav</xsl:with-param></xsl:call-template></xsl:attribute>
     <ul>
      <xsl:for-each select="ev:pages/ev:page">
       <li>
        <a href="{/ev:input/@root}{@name}.html">
         <xsl:if test="@name = /ev:input/@page"><xsl:attribute name="aria-current">page</xsl:attribute></xsl:if>
         <xsl:call-template name="t"><xsl:with-param name="key" select="concat('page.', @name)"/></xsl:call-template>
        </a>
       </li>
      </xsl:for-each>
      <xsl:if test="@other != ''">
       <li><a href="{@root}../{@other}/{@path}"><xsl:attribute name="lang"><xsl:choose><xsl:when test="$zh">en</xsl:when><xsl:otherwise>zh-TW</xsl:otherwise></xsl:choose></xsl:attribute><xsl:call-template name="t"><xsl:with-param name="key">other-language</xsl:with-param></xsl:call-template></a></li>
      </xsl:if>
     </ul>
    </nav>
   </header>
   <main><xsl:apply-templates select="." mode="body"/></main>
   <footer>
    <p>
     <xsl:call-template name="t"><xsl:with-param name="key">pack</xsl:with-param></xsl:call-template>
     <xsl:value-of select="concat(' ', ev:manifest/@sequence, ' · ')"/>
     <xsl:call-template name="t"><xsl:with-param name="key">data-time</xsl:with-param></xsl:call-template>
     <xsl:text> </xsl:text>
     <xsl:call-template name="date"><xsl:with-param name="at" select="ev:manifest/ev:state/@at"/></xsl:call-template>
     <xsl:text> · manifest.xml SHA-256 </xsl:text>
     <span class="code"><xsl:value-of select="@digest"/></span>
     <xsl:text> · </xsl:text>
     <xsl:call-template name="t"><xsl:with-param name="key">zone</xsl:with-param></xsl:call-template>
     <xsl:text> </xsl:text>
     <xsl:call-template name="zone"/>
    </p>
   </footer>
  </body>
 </html>
</xsl:template>
</xsl:stylesheet>
