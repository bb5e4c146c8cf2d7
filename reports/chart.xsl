<?xml version="1.0" encoding="UTF-8"?>
<!--
  Drawings as SVG, without a script. Every one has a title and a description,
  and a table beneath that says the same; signs differ by shape, not only by
  colour. Where a drawing would be too small to read on a phone there are two,
  of which style.css shows one.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">

<xsl:key name="trend-of-period" match="ev:trend" use="@period"/>
<xsl:key name="trend-of-rule" match="ev:trend" use="@rule"/>
<xsl:key name="trend" match="ev:trend" use="concat(@rule, ' ', @period)"/>

<!-- The least of 1, 2, 5, 10, ... that is not below "value". -->
<xsl:template name="round-up">
 <xsl:param name="value"/>
 <xsl:param name="unit" select="1"/>
 <xsl:choose>
  <xsl:when test="$value &lt;= $unit"><xsl:value-of select="$unit"/></xsl:when>
  <xsl:when test="$value &lt;= 2 * $unit"><xsl:value-of select="2 * $unit"/></xsl:when>
  <xsl:when test="$value &lt;= 5 * $unit"><xsl:value-of select="5 * $unit"/></xsl:when>
  <xsl:otherwise>
   <xsl:call-template name="round-up">
    <xsl:with-param name="value" select="$value"/>
    <xsl:with-param name="unit" select="10 * $unit"/>
   </xsl:call-template>
  </xsl:otherwise>
 </xsl:choose>
</xsl:template>

<xsl:template name="largest">
 <xsl:param name="values"/>
 <xsl:variable name="found">
  <xsl:for-each select="$values">
   <xsl:sort select="." data-type="number" order="descending"/>
   <xsl:if test="position() = 1"><xsl:value-of select="number(.)"/></xsl:if>
  </xsl:for-each>
 </xsl:variable>
 <xsl:choose>
  <xsl:when test="string($found) = ''">0</xsl:when>
  <xsl:otherwise><xsl:value-of select="$found"/></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- Text that must fit: at most "room" characters, the last an ellipsis. -->
<xsl:template name="shorten">
 <xsl:param name="text"/>
 <xsl:param name="room"/>
 <xsl:choose>
  <xsl:when test="string-length($text) &gt; $room">
   <xsl:value-of select="concat(substring($text, 1, $room - 1), '…')"/>
  </xsl:when>
  <xsl:otherwise><xsl:value-of select="$text"/></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!--
  Exposure against deduction points. Labels stand in a column of their own at
  the right, one line each, in the order of their points: they can't overlap.
-->
<xsl:template name="risk-chart">
 <xsl:param name="class"/>
 <xsl:param name="width"/>
 <xsl:param name="height"/>
 <xsl:param name="labels"/>
 <xsl:param name="named" select="true()"/>
 <xsl:param name="rows" select="ev:rows[@class = 'risk']/ev:risk"/>
 <xsl:variable name="left" select="46"/>
 <xsl:variable name="top" select="16"/>
 <xsl:variable name="right" select="$width - $labels"/>
 <xsl:variable name="bottom" select="$height - 42"/>
 <xsl:variable name="most">
  <xsl:call-template name="largest"><xsl:with-param name="values" select="$rows/@points"/></xsl:call-template>
 </xsl:variable>
 <xsl:variable name="ymax">
  <xsl:call-template name="round-up"><xsl:with-param name="value" select="$most * 1.05 * ($most &gt;= 20) + 20 * ($most &lt; 20)"/></xsl:call-template>
 </xsl:variable>
 <xsl:variable name="widest">
  <xsl:call-template name="largest"><xsl:with-param name="values" select="$rows/@exposure"/></xsl:call-template>
 </xsl:variable>
 <xsl:variable name="xmax">
  <xsl:choose>
   <xsl:when test="$widest &lt;= 1">1</xsl:when>
   <xsl:otherwise>
    <xsl:call-template name="round-up"><xsl:with-param name="value" select="$widest"/></xsl:call-template>
   </xsl:otherwise>
  </xsl:choose>
 </xsl:variable>
 <xsl:variable name="xscale" select="($right - $left) div $xmax"/>
 <xsl:variable name="yscale" select="($bottom - $top) div $ymax"/>
 <svg class="chart {$class}" viewBox="0 0 {$width} {$height}" role="img" aria-labelledby="risk-{$class}-title risk-{$class}-what">
  <title id="risk-{$class}-title"><xsl:call-template name="t"><xsl:with-param name="key">risk.chart</xsl:with-param></xsl:call-template></title>
  <desc id="risk-{$class}-what"><xsl:call-template name="t"><xsl:with-param name="key">risk.chart.what</xsl:with-param></xsl:call-template></desc>
  <rect class="area" x="{$left}" y="{$top}" width="{$right - $left}" height="{$bottom - $top}"/>
  <xsl:call-template name="risk-blocks">
   <xsl:with-param name="left" select="$left"/><xsl:with-param name="right" select="$right"/>
   <xsl:with-param name="top" select="$top"/><xsl:with-param name="bottom" select="$bottom"/>
   <xsl:with-param name="xscale" select="$xscale"/><xsl:with-param name="yscale" select="$yscale"/>
   <xsl:with-param name="rows" select="$rows"/>
  </xsl:call-template>
  <path class="axis" d="M{$left} {$top}V{$bottom}H{$right}"/>
  <xsl:call-template name="risk-ticks">
   <xsl:with-param name="left" select="$left"/><xsl:with-param name="right" select="$right"/>
   <xsl:with-param name="top" select="$top"/><xsl:with-param name="bottom" select="$bottom"/>
   <xsl:with-param name="xmax" select="$xmax"/><xsl:with-param name="ymax" select="$ymax"/>
  </xsl:call-template>
  <xsl:call-template name="risk-labels">
   <xsl:with-param name="rows" select="$rows"/>
   <xsl:with-param name="named" select="$named"/>
   <xsl:with-param name="all" select="count($rows[position() &lt;= 20])"/>
   <xsl:with-param name="left" select="$left"/><xsl:with-param name="right" select="$right"/>
   <xsl:with-param name="bottom" select="$bottom"/><xsl:with-param name="line" select="$top - 11"/>
   <xsl:with-param name="xscale" select="$xscale"/><xsl:with-param name="yscale" select="$yscale"/>
  </xsl:call-template>
  <xsl:for-each select="$rows">
   <xsl:sort select="@points" data-type="number" order="descending"/>
   <xsl:call-template name="risk-point">
    <xsl:with-param name="x" select="format-number($left + @exposure * $xscale, '0.#')"/>
    <xsl:with-param name="y" select="format-number($bottom - @points * $yscale, '0.#')"/>
   </xsl:call-template>
  </xsl:for-each>
 </svg>
</xsl:template>

<!--
  The label of that rank, then those below. It is beside its point, or 17 below
  the label above; but so high that there is room for all that follow.
-->
<xsl:template name="risk-labels">
 <xsl:param name="rows"/>
 <xsl:param name="named"/>
 <xsl:param name="all"/>
 <xsl:param name="rank" select="1"/>
 <xsl:param name="left"/>
 <xsl:param name="right"/>
 <xsl:param name="bottom"/>
 <xsl:param name="line"/>
 <xsl:param name="xscale"/>
 <xsl:param name="yscale"/>
 <xsl:for-each select="$rows">
  <xsl:sort select="@points" data-type="number" order="descending"/>
  <xsl:if test="position() = $rank and $rank &lt;= $all">
   <xsl:variable name="x" select="$left + @exposure * $xscale"/>
   <xsl:variable name="y" select="$bottom - @points * $yscale"/>
   <xsl:variable name="pushed" select="$y * ($y &gt;= $line + 17) + ($line + 17) * ($y &lt; $line + 17)"/>
   <xsl:variable name="lowest" select="$bottom - ($all - $rank) * 17"/>
   <xsl:variable name="here" select="$pushed * ($pushed &lt;= $lowest) + $lowest * ($pushed &gt; $lowest)"/>
   <path class="leader" d="M{format-number($x, '0.#')} {format-number($y, '0.#')}L{$right + 6} {format-number($here, '0.#')}h6"/>
   <text x="{$right + 15}" y="{format-number($here + 4, '0.#')}">
    <xsl:value-of select="$rank"/>
    <xsl:if test="$named">
     <xsl:variable name="area"><xsl:call-template name="area"/></xsl:variable>
     <xsl:text>&#160;&#160;</xsl:text>
     <xsl:call-template name="shorten">
      <xsl:with-param name="text" select="string($area)"/>
      <xsl:with-param name="room" select="14"/>
     </xsl:call-template>
    </xsl:if>
   </text>
   <xsl:call-template name="risk-labels">
    <xsl:with-param name="rows" select="$rows"/>
    <xsl:with-param name="named" select="$named"/>
    <xsl:with-param name="all" select="$all"/>
    <xsl:with-param name="rank" select="$rank + 1"/>
    <xsl:with-param name="left" select="$left"/><xsl:with-param name="right" select="$right"/>
    <xsl:with-param name="bottom" select="$bottom"/><xsl:with-param name="line" select="$here"/>
    <xsl:with-param name="xscale" select="$xscale"/><xsl:with-param name="yscale" select="$yscale"/>
   </xsl:call-template>
  </xsl:if>
 </xsl:for-each>
</xsl:template>

<!-- A department; or of the two classes "core" and "other" its word. -->
<xsl:template name="area">
 <xsl:choose>
  <xsl:when test="@kind = 'class'"><xsl:call-template name="t"><xsl:with-param name="key" select="concat('area.', @area)"/></xsl:call-template></xsl:when>
  <xsl:otherwise><bdi><xsl:value-of select="@area"/></bdi></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- A sign of its own for each block. -->
<xsl:template name="risk-point">
 <xsl:param name="x"/>
 <xsl:param name="y"/>
 <xsl:param name="block" select="@block"/>
 <xsl:choose>
  <xsl:when test="$block = 'improve'"><path class="point improve" d="M{$x} {$y}m0 -7l7 7l-7 7l-7 -7z"/></xsl:when>
  <xsl:when test="$block = 'strengthen'"><path class="point strengthen" d="M{$x} {$y}m0 -7l6.5 11.5h-13z"/></xsl:when>
  <xsl:when test="$block = 'observe'"><circle class="point observe" cx="{$x}" cy="{$y}" r="5.5"/></xsl:when>
  <xsl:otherwise><path class="point maintain" d="M{$x} {$y}m-5 -5h10v10h-10z"/></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<xsl:template name="risk-ticks">
 <xsl:param name="left"/>
 <xsl:param name="right"/>
 <xsl:param name="top"/>
 <xsl:param name="bottom"/>
 <xsl:param name="xmax"/>
 <xsl:param name="ymax"/>
 <text class="quiet" x="{$left}" y="{$bottom + 17}" text-anchor="middle">0</text>
 <text class="quiet" x="{$right}" y="{$bottom + 17}" text-anchor="middle">
  <xsl:choose>
   <xsl:when test="$xmax = 1">100%</xsl:when>
   <xsl:otherwise><xsl:value-of select="$xmax"/></xsl:otherwise>
  </xsl:choose>
 </text>
 <text x="{($left + $right) div 2}" y="{$bottom + 34}" text-anchor="middle"><xsl:call-template name="t"><xsl:with-param name="key">risk.exposure</xsl:with-param></xsl:call-template></text>
 <text class="quiet" x="{$left - 6}" y="{$bottom + 1}" text-anchor="end">0</text>
 <text class="quiet" x="{$left - 6}" y="{$top + 8}" text-anchor="end"><xsl:value-of select="$ymax"/></text>
 <text x="14" y="{($top + $bottom) div 2}" text-anchor="middle" transform="rotate(-90 14 {($top + $bottom) div 2})"><xsl:call-template name="t"><xsl:with-param name="key">risk.points</xsl:with-param></xsl:call-template></text>
</xsl:template>

<!-- The four blocks of a formula that this knows: their bounds are its own. -->
<xsl:template name="risk-blocks">
 <xsl:param name="left"/>
 <xsl:param name="right"/>
 <xsl:param name="top"/>
 <xsl:param name="bottom"/>
 <xsl:param name="xscale"/>
 <xsl:param name="yscale"/>
 <xsl:param name="rows"/>
 <xsl:if test="not($rows/@formula != 'house-1')">
  <xsl:variable name="x" select="$left + .5 * $xscale"/>
  <xsl:variable name="y" select="$bottom - 10 * $yscale"/>
  <path class="bound" d="M{$x} {$top}V{$bottom}M{$left} {$y}H{$right}"/>
  <text class="quiet" x="{$x}" y="{$bottom + 17}" text-anchor="middle">50%</text>
  <text class="quiet" x="{$left - 6}" y="{$y + 4}" text-anchor="end">10</text>
  <text class="block" x="{$left + 8}" y="{$top + 18}"><xsl:call-template name="t"><xsl:with-param name="key">riskBlock.strengthen</xsl:with-param></xsl:call-template></text>
  <text class="block" x="{$right - 8}" y="{$top + 18}" text-anchor="end"><xsl:call-template name="t"><xsl:with-param name="key">riskBlock.improve</xsl:with-param></xsl:call-template></text>
  <text class="block" x="{$left + 8}" y="{$bottom - 8}"><xsl:call-template name="t"><xsl:with-param name="key">riskBlock.maintain</xsl:with-param></xsl:call-template></text>
  <text class="block" x="{$right - 8}" y="{$bottom - 8}" text-anchor="end"><xsl:call-template name="t"><xsl:with-param name="key">riskBlock.observe</xsl:with-param></xsl:call-template></text>
 </xsl:if>
</xsl:template>

<!-- ==== Trends ==== -->

<!-- The part that a row's open findings are of all that are open in its quarter. -->
<xsl:template name="share">
 <xsl:variable name="all" select="sum(key('trend-of-period', @period)/@open)"/>
 <xsl:choose>
  <xsl:when test="$all = 0">0</xsl:when>
  <xsl:otherwise><xsl:value-of select="@open div $all"/></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!--
  A row of a trend beside the row "back" quarters before: +3, −2, 0; that they
  can't be compared, where it changed in any quarter between what was covered or
  how it was judged; or nothing, where there is no such row.
-->
<xsl:template name="trend-change">
 <xsl:param name="back" select="1"/>
 <xsl:variable name="rule" select="@rule"/>
 <xsl:variable name="now" select="number(substring(@period, 1, 4)) * 4 + number(substring(@period, 6, 1)) - 1"/>
 <xsl:variable name="then" select="$now - $back"/>
 <xsl:variable name="before" select="key('trend', concat($rule, ' ', floor($then div 4), 'Q', $then mod 4 + 1))"/>
 <xsl:variable name="between" select="key('trend-of-rule', $rule)[number(substring(@period, 1, 4)) * 4 + number(substring(@period, 6, 1)) - 1 &gt; $then
  and number(substring(@period, 1, 4)) * 4 + number(substring(@period, 6, 1)) - 1 &lt;= $now]"/>
 <xsl:choose>
  <xsl:when test="not($before)"><span class="none">–</span></xsl:when>
  <xsl:when test="count($between) &lt; $back or $between[@comparable = 'false']">
   <span class="mark incomplete"><xsl:call-template name="t"><xsl:with-param name="key">incomparable</xsl:with-param></xsl:call-template></span>
  </xsl:when>
  <xsl:when test="@open = $before/@open">0</xsl:when>
  <xsl:when test="@open &gt; $before/@open"><xsl:value-of select="concat('+', format-number(@open - $before/@open, '#,##0'))"/></xsl:when>
  <xsl:otherwise><xsl:value-of select="concat('−', format-number($before/@open - @open, '#,##0'))"/></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!--
  The share of one type, quarter by quarter, of a rule's newest row: a line
  from quarter to quarter, and where they can't be compared a gap that is
  marked.
-->
<xsl:template name="trend-chart">
 <xsl:param name="periods"/><!-- one row of each, any order -->
 <xsl:param name="ymax"/>
 <xsl:variable name="rule" select="@rule"/>
 <xsl:variable name="left" select="38"/>
 <xsl:variable name="right" select="262"/>
 <xsl:variable name="top" select="10"/>
 <xsl:variable name="bottom" select="92"/>
 <xsl:variable name="step" select="($right - $left) div (count($periods) - (count($periods) &gt; 1))"/>
 <svg class="chart" viewBox="0 0 280 118" role="img" aria-labelledby="trend-{@rule}-{position()}">
  <title id="trend-{@rule}-{position()}">
   <xsl:value-of select="@rule"/>
   <xsl:text> </xsl:text>
   <xsl:call-template name="t"><xsl:with-param name="key">trend.chart.what</xsl:with-param></xsl:call-template>
  </title>
  <path class="grid" d="M{$left} {$top}H{$right}M{$left} {($top + $bottom) div 2}H{$right}"/>
  <path class="axis" d="M{$left} {$bottom}H{$right}"/>
  <text class="quiet" x="{$left - 5}" y="{$bottom + 4}" text-anchor="end">0</text>
  <text class="quiet" x="{$left - 5}" y="{$top + 4}" text-anchor="end"><xsl:value-of select="format-number($ymax, '0%')"/></text>
  <xsl:for-each select="$periods">
   <xsl:sort select="@ends"/>
   <xsl:variable name="x" select="$left + (position() - 1) * $step"/>
   <xsl:variable name="row" select="key('trend', concat($rule, ' ', @period))"/>
   <xsl:if test="position() = 1 or position() = last()">
    <text class="quiet" x="{$x}" y="{$bottom + 18}">
     <xsl:attribute name="text-anchor">
      <xsl:choose>
       <xsl:when test="position() = 1">start</xsl:when>
       <xsl:otherwise>end</xsl:otherwise>
      </xsl:choose>
     </xsl:attribute>
     <xsl:call-template name="quarter-name"><xsl:with-param name="short" select="true()"/></xsl:call-template>
    </text>
   </xsl:if>
   <xsl:if test="position() &gt; 1 and $row/@comparable = 'false'">
    <path class="break" d="M{format-number($x - $step div 2, '0.#')} {$top}V{$bottom}"/>
    <path class="broken" d="M{format-number($x - $step div 2, '0.#')} {$top}m-4 -6h8l-4 6z"/>
   </xsl:if>
  </xsl:for-each>
  <path class="line">
   <xsl:attribute name="d">
    <xsl:for-each select="$periods">
     <xsl:sort select="@ends"/>
     <xsl:variable name="x" select="$left + (position() - 1) * $step"/>
     <xsl:variable name="first" select="position() = 1"/>
     <xsl:variable name="then" select="number(substring(@period, 1, 4)) * 4 + number(substring(@period, 6, 1)) - 2"/>
     <xsl:variable name="before" select="concat(floor($then div 4), 'Q', $then mod 4 + 1)"/>
     <xsl:for-each select="key('trend', concat($rule, ' ', @period))">
      <xsl:choose>
       <xsl:when test="$first or @comparable = 'false' or not(key('trend', concat($rule, ' ', $before)))">M</xsl:when>
       <xsl:otherwise>L</xsl:otherwise>
      </xsl:choose>
      <xsl:variable name="share"><xsl:call-template name="share"/></xsl:variable>
      <xsl:value-of select="concat(format-number($x, '0.#'), ' ', format-number($bottom - $share div $ymax * ($bottom - $top), '0.#'))"/>
     </xsl:for-each>
    </xsl:for-each>
   </xsl:attribute>
  </path>
  <xsl:for-each select="$periods">
   <xsl:sort select="@ends"/>
   <xsl:variable name="x" select="$left + (position() - 1) * $step"/>
   <xsl:for-each select="key('trend', concat($rule, ' ', @period))">
    <xsl:variable name="share"><xsl:call-template name="share"/></xsl:variable>
    <circle class="dot" cx="{format-number($x, '0.#')}" cy="{format-number($bottom - $share div $ymax * ($bottom - $top), '0.#')}" r="3.5"/>
   </xsl:for-each>
  </xsl:for-each>
 </svg>
</xsl:template>

<!-- New, repeated and closed of each quarter: three bars, of three fillings. -->
<xsl:template name="flow-chart">
 <xsl:param name="class"/>
 <xsl:param name="width"/>
 <xsl:param name="periods"/>
 <xsl:variable name="left" select="40"/>
 <xsl:variable name="right" select="$width - 12"/>
 <xsl:variable name="top" select="24"/>
 <xsl:variable name="bottom" select="190"/>
 <xsl:variable name="most">
  <xsl:for-each select="$periods">
   <xsl:sort select="sum(key('trend-of-period', @period)/@new)" data-type="number" order="descending"/>
   <xsl:if test="position() = 1"><xsl:value-of select="sum(key('trend-of-period', @period)/@new)"/></xsl:if>
  </xsl:for-each>
 </xsl:variable>
 <xsl:variable name="most-closed">
  <xsl:for-each select="$periods">
   <xsl:sort select="sum(key('trend-of-period', @period)/@closed)" data-type="number" order="descending"/>
   <xsl:if test="position() = 1"><xsl:value-of select="sum(key('trend-of-period', @period)/@closed)"/></xsl:if>
  </xsl:for-each>
 </xsl:variable>
 <xsl:variable name="most-repeated">
  <xsl:for-each select="$periods">
   <xsl:sort select="sum(key('trend-of-period', @period)/@repeated)" data-type="number" order="descending"/>
   <xsl:if test="position() = 1"><xsl:value-of select="sum(key('trend-of-period', @period)/@repeated)"/></xsl:if>
  </xsl:for-each>
 </xsl:variable>
 <xsl:variable name="higher" select="$most * ($most &gt;= $most-closed) + $most-closed * ($most &lt; $most-closed)"/>
 <xsl:variable name="ymax">
  <xsl:call-template name="round-up">
   <xsl:with-param name="value" select="$higher * ($higher &gt;= $most-repeated) + $most-repeated * ($higher &lt; $most-repeated)"/>
  </xsl:call-template>
 </xsl:variable>
 <xsl:variable name="scale" select="($bottom - $top) div $ymax"/>
 <xsl:variable name="step" select="($right - $left) div count($periods)"/>
 <xsl:variable name="bar" select="$step * .24 * ($step &lt; 120) + 28 * ($step &gt;= 120)"/>
 <svg class="chart {$class}" viewBox="0 0 {$width} 226" role="img" aria-labelledby="flow-{$class}-title flow-{$class}-what">
  <title id="flow-{$class}-title"><xsl:call-template name="t"><xsl:with-param name="key">flow.chart</xsl:with-param></xsl:call-template></title>
  <desc id="flow-{$class}-what"><xsl:call-template name="t"><xsl:with-param name="key">flow.chart.what</xsl:with-param></xsl:call-template></desc>
  <path class="grid" d="M{$left} {$top}H{$right}M{$left} {($top + $bottom) div 2}H{$right}"/>
  <text class="quiet" x="{$left - 6}" y="{$top + 4}" text-anchor="end"><xsl:value-of select="$ymax"/></text>
  <text class="quiet" x="{$left - 6}" y="{$bottom + 4}" text-anchor="end">0</text>
  <xsl:for-each select="$periods">
   <xsl:sort select="@ends"/>
   <xsl:variable name="middle" select="$left + (position() - .5) * $step"/>
   <xsl:variable name="rows" select="key('trend-of-period', @period)"/>
   <xsl:call-template name="bar">
    <xsl:with-param name="kind">new</xsl:with-param>
    <xsl:with-param name="value" select="sum($rows/@new)"/>
    <xsl:with-param name="x" select="$middle - 1.62 * $bar"/><xsl:with-param name="bar" select="$bar"/>
    <xsl:with-param name="bottom" select="$bottom"/><xsl:with-param name="scale" select="$scale"/>
   </xsl:call-template>
   <xsl:call-template name="bar">
    <xsl:with-param name="kind">repeated</xsl:with-param>
    <xsl:with-param name="value" select="sum($rows/@repeated)"/>
    <xsl:with-param name="x" select="$middle - .5 * $bar"/><xsl:with-param name="bar" select="$bar"/>
    <xsl:with-param name="bottom" select="$bottom"/><xsl:with-param name="scale" select="$scale"/>
   </xsl:call-template>
   <xsl:call-template name="bar">
    <xsl:with-param name="kind">closed</xsl:with-param>
    <xsl:with-param name="value" select="sum($rows/@closed)"/>
    <xsl:with-param name="x" select="$middle + .62 * $bar"/><xsl:with-param name="bar" select="$bar"/>
    <xsl:with-param name="bottom" select="$bottom"/><xsl:with-param name="scale" select="$scale"/>
   </xsl:call-template>
   <xsl:if test="position() &gt; 1 and $rows[@comparable = 'false']">
    <path class="break" d="M{format-number($middle - $step div 2, '0.#')} {$top - 8}V{$bottom}"/>
    <path class="broken" d="M{format-number($middle - $step div 2, '0.#')} {$top - 8}m-4 -6h8l-4 6z"/>
   </xsl:if>
   <xsl:variable name="name"><xsl:call-template name="quarter-name"><xsl:with-param name="short" select="true()"/></xsl:call-template></xsl:variable>
   <text class="quiet" x="{format-number($middle, '0.#')}" y="{$bottom + 20}" text-anchor="middle"><xsl:call-template name="shorten"><xsl:with-param name="text" select="string($name)"/><xsl:with-param name="room" select="8"/></xsl:call-template></text>
  </xsl:for-each>
  <path class="axis" d="M{$left} {$bottom}H{$right}"/>
 </svg>
</xsl:template>

<xsl:template name="bar">
 <xsl:param name="kind"/>
 <xsl:param name="value"/>
 <xsl:param name="x"/>
 <xsl:param name="bar"/>
 <xsl:param name="bottom"/>
 <xsl:param name="scale"/>
 <xsl:variable name="height" select="$value * $scale"/>
 <rect class="bar-{$kind}" x="{format-number($x, '0.#')}" y="{format-number($bottom - $height, '0.#')}" width="{format-number($bar, '0.#')}" height="{format-number($height, '0.#')}"/>
 <xsl:if test="$kind = 'repeated'">
  <xsl:call-template name="hatch">
   <xsl:with-param name="x" select="$x"/><xsl:with-param name="width" select="$bar"/>
   <xsl:with-param name="y" select="$bottom - 6"/><xsl:with-param name="top" select="$bottom - $height"/>
  </xsl:call-template>
 </xsl:if>
 <text x="{format-number($x + $bar div 2, '0.#')}" y="{format-number($bottom - $height - 5, '0.#')}" text-anchor="middle"><xsl:value-of select="$value"/></text>
</xsl:template>

<!-- Lines across, from the bottom up. -->
<xsl:template name="hatch">
 <xsl:param name="x"/>
 <xsl:param name="width"/>
 <xsl:param name="y"/>
 <xsl:param name="top"/>
 <xsl:if test="$y &gt; $top + 2">
  <path class="hatch" d="M{format-number($x, '0.#')} {format-number($y, '0.#')}h{format-number($width, '0.#')}"/>
  <xsl:call-template name="hatch">
   <xsl:with-param name="x" select="$x"/><xsl:with-param name="width" select="$width"/>
   <xsl:with-param name="y" select="$y - 6"/><xsl:with-param name="top" select="$top"/>
  </xsl:call-template>
 </xsl:if>
</xsl:template>

<!-- "2026Q4" of a trend's row, as people say it. -->
<xsl:template name="quarter-name">
 <xsl:param name="period" select="@period"/>
 <xsl:param name="short" select="false()"/>
 <xsl:variable name="year" select="number(substring($period, 1, 4))"/>
 <xsl:variable name="quarter" select="substring($period, string-length($period))"/>
 <xsl:choose>
  <xsl:when test="$year != $year or not(contains($period, 'Q'))"><xsl:value-of select="$period"/></xsl:when>
  <xsl:when test="not($zh)"><xsl:value-of select="concat($year, ' Q', $quarter)"/></xsl:when>
  <xsl:when test="$short"><xsl:value-of select="concat($year - 1911, 'Q', $quarter)"/></xsl:when>
  <xsl:otherwise><xsl:value-of select="concat('民國 ', $year - 1911, ' 年第 ', $quarter, ' 季')"/></xsl:otherwise>
 </xsl:choose>
</xsl:template>
</xsl:stylesheet>
